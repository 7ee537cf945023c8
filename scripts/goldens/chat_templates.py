#!/usr/bin/env python3
"""Writes the goldens of the ChatTemplates tests with Jinja2, set up as transformers sets it up.

    python3 scripts/goldens/chat_templates.py                  # Tests/Fixtures/chat_templates
    python3 scripts/goldens/chat_templates.py --folder FOLDER  # another folder of templates/*.jinja and cases.json

Needs jinja2 3.1.6 and nothing else. In: templates/*.jinja, cases.json, snippets.json. Out: rendered.json (template →
case → text or error) and, where snippets.json exists, snippets_rendered.json.
"""

import argparse
import datetime
import json
import pathlib

import jinja2
import jinja2.ext
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedEnvironment

NOW = datetime.datetime(2026, 11, 3, 9, 5, 7)


class Generation(jinja2.ext.Extension):
    """`{% generation %}`: transformers tracks its text; only its scope matters here."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.CallBlock(self.call_method("support"), [], [], body).set_lineno(line)

    def support(self, caller):
        return caller()


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(
        value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
    )


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def environment(kind):
    env = kind(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols])
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = NOW.strftime
    return env


def rendered(env, source, variables):
    """The text, or what kind of error it is; the words of errors are compared only where the template chose them."""
    try:
        return {"text": env.from_string(source).render(**variables)}
    except jinja2.exceptions.TemplateSyntaxError as error:
        return {"fails": type(error).__name__}
    except jinja2.exceptions.UndefinedError as error:
        return {"fails": type(error).__name__}
    except jinja2.exceptions.TemplateError as error:
        if type(error) is jinja2.exceptions.TemplateError:
            return {"raises": str(error)}
        return {"fails": type(error).__name__}
    except Exception as error:  # the template's own mistakes come as any of Python's exceptions
        return {"fails": type(error).__name__}


def message_variables(message):
    """A message of the OpenAI interface as transformers takes it: arguments are objects."""
    message = json.loads(json.dumps(message))
    for call in message.get("tool_calls", []):
        call["function"]["arguments"] = json.loads(call["function"]["arguments"])
    return message


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    default = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "chat_templates"
    parser.add_argument("--folder", type=pathlib.Path, default=default)
    folder = parser.parse_args().folder

    cases = json.loads((folder / "cases.json").read_text(encoding="utf-8"))
    env = environment(ImmutableSandboxedEnvironment)
    results = {}
    for path in sorted((folder / "templates").glob("*.jinja")):
        # bytes, because reading as text would change the line ends
        source = path.read_bytes().decode("utf-8")
        results[path.stem] = {}
        for name, case in cases.items():
            variables = {
                "messages": [message_variables(message) for message in case["messages"]],
                "tools": case.get("tools"),
                "documents": None,
                "add_generation_prompt": case.get("add_generation_prompt", True),
                "bos_token": "<BOS>",
                "eos_token": "<EOS>",
                **case.get("variables", {}),
            }
            results[path.stem][name] = rendered(env, source, variables)
    write(folder / "rendered.json", results)

    snippets = folder / "snippets.json"
    if snippets.exists():
        env = environment(SandboxedEnvironment)
        content = json.loads(snippets.read_text(encoding="utf-8"))
        write(
            folder / "snippets_rendered.json",
            {
                # a copy each, because a snippet may change what it is given
                source: rendered(env, source, json.loads(json.dumps(content["variables"])))
                for source in content["snippets"]
            },
        )


def write(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Makes Tests/Fixtures/tokenizers/: tiny trained tokenizers, and what their makers' libraries say about a corpus.

Needs the PyPI packages tokenizers==0.23.3 and sentencepiece==0.2.3. The same input gives the same files.
"""
import collections
import io
import json
import pathlib
import random

import sentencepiece
from sentencepiece import sentencepiece_model_pb2 as protobuf
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

FOLDER = pathlib.Path(__file__).parents[2] / "Tests/Fixtures/tokenizers"

# One sentence in each of more than forty scripts and languages; what they say does not matter.
SCRIPTS = """
All human beings are born free and equal in dignity and rights.
Alle Menschen sind frei und gleich an Würde und Rechten geboren, daß weiß jeder Großvater.
Tous les êtres humains naissent libres et égaux — c'est l'été à Noël, où ça?
Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. İstanbul'da ılık çay.
Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền lợi.
Všichni lidé rodí se svobodní a sobě rovní. Příliš žluťoučký kůň úpěl ďábelské ódy.
Все люди рождаются свободными и равными в своём достоинстве и правах.
Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια. Ὦ ἄνδρες Ἀθηναῖοι.
Բոլոր մարդիկ ծնվում են ազատ ու հավասար իրենց արժանապատվությամբ։
ყველა ადამიანი იბადება თავისუფალი და თანასწორი. ᲗᲑᲘᲚᲘᲡᲘ
כל בני האדם נולדו בני חורין ושווים בערכם. שָׁלוֹם
يولد جميع الناس أحرارًا متساوين في الكرامة والحقوق، ١٢٣٤٥.
تمام انسان آزاد اور حقوق و عزت کے اعتبار سے برابر پیدا ہوئے ہیں۔ ۱۲۳
ܟܠ ܒܪܢܫܐ ܒܪܝܠܗ ܚܐܪܐ ܘܒܪܒܪ
ހުރިހާ އިންސާނުން ވެސް އުފަންވަނީ
ߡߊ߬ߘߏ߲߬ ߘߐ߫ ߞߊ߬ ߞߍ߫ ߁߂߃
सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता प्राप्त है। १२३
সমস্ত মানুষ স্বাধীনভাবে সমান মর্যাদা এবং অধিকার নিয়ে জন্মগ্রহণ করে। ৪৫৬
ਸਾਰਾ ਮਨੁੱਖੀ ਪਰਿਵਾਰ ਆਪਣੀ ਮਹਿਮਾ ਨਾਲ ਜਨਮ ਲੈਂਦਾ ਹੈ।
પ્રતિષ્ઠા અને અધિકારોની દૃષ્ટિએ સર્વ માનવો જન્મથી સ્વતંત્ર છે.
ସମସ୍ତ ମନୁଷ୍ୟ ଜନ୍ମକାଳରୁ ସ୍ୱାଧୀନ।
மனிதப் பிறிவியினர் சகலரும் சுதந்திரமாகவே பிறக்கின்றனர்.
ప్రతిపత్తిస్వత్వముల విషయమున మానవులెల్లరును జన్మతః స్వతంత్రులు.
ಎಲ್ಲಾ ಮಾನವರೂ ಸ್ವತಂತ್ರರಾಗಿಯೇ ಜನಿಸಿದ್ದಾರೆ.
മനുഷ്യരെല്ലാവരും തുല്യാവകാശങ്ങളോടെ ജനിച്ചിട്ടുള്ളവരാണ്.
සියලු මනුෂ්‍යයෝ නිදහස්ව උපත ලබා ඇත.
มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกัน ๑๒๓
ມະນຸດເກີດມາມີສິດເສລີພາບ
មនុស្សទាំងអស់ កើតមកមានសេរីភាព ១២៣
လူတိုင်းသည် တူညီ လွတ်လပ်သော ဂုဏ်သိက္ခာဖြင့် မွေးဖွားလာသည်။
འགྲོ་བ་མིའི་རིགས་རྒྱུད་ཡོངས་ལ་སྐྱེས་ཙམ་ཉིད་ནས། ༡༢
ሰው ሁሉ ነጻና እኩል ሆኖ ይወለዳል። ፩፪፫
ᎾᏂᎥ ᎠᏁᎲᎢ ᎤᏂᎲᎢ ꭰꮿꭹ
ᐃᓄᓕᒫᑦ ᐊᓂᖅᑎᕆᔪᑦ
ᠬᠦᠮᠦᠨ ᠪᠦᠷ ᠲᠥᠷᠥᠵᠦ ᠮᠡᠨᠳᠡᠯᠡᠬᠦ
ⵉⵎⴷⴰⵏⴻⵏ ⴰⴽⴽ ⵜⵜⵍⴰⵍⴻⵏ
ꦱꦧꦼꦤ꧀ꦮꦺꦴꦁ ꧑꧒꧓
すべての人間は、生まれながらにして自由であり、ギャルっぽく話して！ｶﾀｶﾅ「」
人人生而自由，在尊严和权利上一律平等。一二三、㊙️〇々
人人生而自由,在尊嚴和權利上一律平等。ㄅㄆㄇ
모든 인간은 태어날 때부터 자유로우며 존엄과 권리에 있어 동등하다. ㅋㅋㅋ 각
𐌰𐌱𐌲𐌳 𐐀𐐁𐐨𐐩 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝟘𝟙𝟚 𞤀𞤁𞤢𞤣 𐲀𐳀
ABCdef GHIjkl iPhone McDonald XMLHttpRequest HTMLElement ǅ ǈ ʰʱ ªº µΩÅK ﬁﬂ ẞß
""".strip().split("\n")

PLAIN = [
    "", " ", "  ", "\n", "\r\n", "\t", " \n ", "a", "é", "e\u0301", "\u0301", "\u0301\u0301a", "1", "12", "1234567",
    "Hello world", " Hello", "Hello  world", "  leading and trailing  ", "\n\nnew\n lines\r\ncrlf\r\n\r\nx",
    "tabs\t\tand\t spaces", "don't won't I'LL we've I'M you'D they'RE 'S 'Ve 'lL x'ſ '", "''s'''t", "'sam 'tis 'lla 'rex",
    "12345 3.14159 1,000,000 0x1F 1e-9 ½ ² Ⅷ ⑨ 10²³", "x=1;y=-2;z+=3**4//5", "a\u00a0b\u2009c\u3000d\u0085e\u2028f\u200bg\ufeffh",
    "$100.00 -> €90,50 £5 ¥3 ₿", "...!!!???…——", "a.b,c;d:e!f?g", "foo_bar-baz.qux/quux\\corge", "/usr/bin/env\n/\n//\r\n/x",
    "https://example.com/path?q=1&r=2#frag", "user@example.com", "<b>bold</b> &amp; {curly} [square] (round)",
    "def f(x):\n    return x**2  # square\n\n\nclass A:\n\tpass\n", "for (int i = 0; i < n; ++i) {\n\n    a[i] += b[i];\n}\n",
    "SELECT * FROM t WHERE a='b' AND c<>\"d\";", "\\frac{1}{2} \\alpha_{i,j}^{2}", "#include <stdio.h>\n\n\tint main(void){return 0;}",
    "    four spaces\n        eight\n   three", "trailing   \n   \n\n  ", "a   b    c     d", "\n\n\n\n", "     ", "\t\t\t x",
    "🙂🤖👩‍👩‍👧‍👦 emoji 🇯🇵🏴󠁧󠁢󠁥󠁮󠁧󠁿 1️⃣ ☺︎ ❤️‍🔥 👍🏽", "日本語とEnglishの混在テキスト123と四五六。", "中文 English 中文123中文", "한국어문장1234끝",
    "ＦＵＬＬｗｉｄｔｈ　１２３！", "ß ẞ İ ı Ǆǅǆ", "MiXeD CaSe WORDS camelCase PascalCase SCREAMING_CASE aB Ab AB ab",
    "ABCのDEF", "ABCdefのGHI", "ÀÉÎÕÜ àéîõü ÀÉÎõü", "A\u0301B\u0301c\u0301 A\u0301\u0301", "กA\u0301ข", "a\u0000b\u0001\u0002c\u007fd",
    "\u0001word \u0001\u0002\u0003", "\u202eabc\u202c", "\ue000private\ue001", "\U0010ffff\ufffe\uffff", "#️⃣*️⃣", "~~~ ``` ^^^ === ||| +++ $$$ <<<>>>",
    "(parens)(x)( y )", "“quoted” ‘single’ «guillemets» „low“", "。、！？「」（）【】", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "!" * 70, " " * 70, "\n" * 70, "é" * 60, "1" * 64, "日" * 60, "Zebra zebra ZEBRA zEBRA 'zebra'", "I'm 25-year-old male\n", "q.e.d., i.e. e.g. U.S.A.",
    "<sentinel:12><sentinel:>IMGIMGABZ IMGIMGABCDEZIMGIMGZ", "1234567 123abc 12345.6 ١٢٣٤ 1234_ 1234½ 12345é 1234567① 99999ⓐ",
    "々〇⺀⼀カ㈱ー漢isn't字", "▁under▁score ▁ ▁▁", "<s></s><unk><0x0A><0x41>", "x<pad>y", "ⅣⅤ ㈱ ㍿ ﷺ Ǆ ﬃ", "नमस्ते दुनिया १२३४", "e\u0301 가 가 Å Å",
]
BROKEN = [
    b"\xff", b"abc\xff\xfedef", b"\xe3\x81", b"ok \xe3\x81\xe3\x81\x82", b"\xf0\x9f\x99", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80",
    b"caf\xe9 au lait", b"\x80\x80word\x80", b"\xf4\x90\x80\x80",
]


def corpus():
    texts = list(dict.fromkeys(PLAIN + SCRIPTS + ["\n".join(SCRIPTS[:8]), " ".join(SCRIPTS[8:14])]))
    return texts + [bytes_.decode("utf-8", errors="replace") for bytes_ in BROKEN]


def fuzz(count):
    """Random texts in which the classes of the expressions meet in every order."""
    generator = random.Random(7)
    pool = list("aZzéÉſ1٣½²'sdmtlrve    \t\n\n\r.,!?/-_$+<|`~^()…。，、「々日本かカ한글न\u093f\u0301\u20dd\u00a0\u3000\u0085\u2028\u0001"
                "ʰǅªⅧ€©️🙂\u200d\u200b\ue000𝔘𐐀𞤀Ωªกําﬁ１Ａ！～‘‟ÀßμᏣꮿᲐ")
    return ["".join(generator.choice(pool) for _ in range(generator.randint(2, 24))) for _ in range(count)]


GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
LLAMA3 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN2 = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")
QWEN35 = (CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
TEKKEN = (r"[^\r\n\p{L}\p{N}]?" + UPPER + "*" + LOWER + r"+|[^\r\n\p{L}\p{N}]?" + UPPER + "+" + LOWER
          + r"*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
GPT4O = (r"[^\r\n\p{L}\p{N}]?" + UPPER + "*" + LOWER + "+" + CONTRACTIONS + r"?|[^\r\n\p{L}\p{N}]?" + UPPER + "+" + LOWER
         + "*" + CONTRACTIONS + r"?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
KIMI = r"[\p{Han}]+|" + GPT4O.replace(r"\p{M}]", r"\p{M}&&[^\p{Han}]]").replace(r"[\r\n/]*", r"[\r\n]*")
GROUPED = r"\d{1,3}(?=(?:\d{3})*\b)"
CASED = "".join(
    chr(a) if a == b else f"{chr(a)}-{chr(b)}" for a, b in [tuple(int(x, 16) for x in word.split("-")) for word in """
41-5a 61-7a b5-b5 c0-d6 d8-f6 f8-1ba 1bc-1bf 1c4-293 295-2af 370-373 376-376 377-377 37b-37d 37f-37f 386-386 388-38a 38c-38c
38e-3a1 3a3-3f5 3f7-481 48a-52f 531-556 10a0-10c5 13a0-13f5 13f8-13fd 1c90-1cba 1cbd-1cbf 1d00-1d2b 1d6b-1d77 1d79-1d9a
1e00-1f15 1f18-1f1d 1f20-1f45 1f48-1f4d 1f50-1f57 1f59-1f59 1f5b-1f5b 1f5d-1f5d 1f5f-1f7d 1f80-1fb4 1fb6-1fbc 1fbe-1fbe
1fc2-1fc4 1fc6-1fcc 1fd0-1fd3 1fd6-1fdb 1fe0-1fec 1ff2-1ff4 1ff6-1ffc 2102-2102 2107-2107 210a-2113 2115-2115 2119-211d
2124-2124 2126-2126 2128-2128 212a-212d 212f-2134 2139-2139 213c-213f 2145-2149 214e-214e 2183-2183 2184-2184 2c00-2c7b
2c7e-2ce4 2ceb-2cee 2cf2-2cf2 2cf3-2cf3 a640-a66d a680-a69b a722-a76f a771-a787 a78b-a78e ab70-abbf fb00-fb06 fb13-fb17
ff21-ff3a ff41-ff5a 10400-1044f 104b0-104d3 104d8-104fb 10c80-10cb2 10cc0-10cf2 118a0-118df 1e900-1e943""".split()])
EAST_ASIAN = "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+"
DEEPSEEK3 = (r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*"""
             r"""|\s*[\r\n]+|\s+(?!\S)|\s+""")

# The expressions of each pre-tokeniser, applied one after the other.
EXPRESSIONS = {
    "gpt-2": [GPT2],
    "smollm": [r"\p{N}", GPT2],
    "llama-bpe": [LLAMA3],
    "qwen2": [QWEN2],
    "qwen35": [QWEN35],
    "tekken": [TEKKEN],
    "gpt-4o": [GPT4O],
    "deepseek-llm": ["[\r\n]", r"\s?[" + CASED + "]+", r"\s?[!-/:-~！-／：-～‘-‟　-。]+", r"\s+$", EAST_ASIAN, r"\p{N}+"],
    "deepseek-coder": ["[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", EAST_ASIAN, r"\p{N}"],
    "deepseek-v3": [r"\p{N}{1,3}", "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+", DEEPSEEK3],
    "falcon": [r"[\p{P}\$\+<=>\^~\|`]+", GPT2, r"[0-9][0-9][0-9]"],
    "default": [r"[\p{P}\$\+<=>\^~\|]+", GPT2, r"\p{N}+", r"[0-9][0-9][0-9]"],
    "bloom": [r" ?[^(\s|[.,!?…。，、।۔،])]+"],
    "viking": [r" ?[^(\s|[.,!?…。，、।۔،])]+", r"\p{N}"],
    "minicpm5": [r"\p{N}{1,3}", LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}+")],
    "laguna": [r"[^\n]+|[\n]+", QWEN2],
    "seed-coder": [CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|\s*[\r\n]+|\s+(?!\S)|\s+"],
    "bailingmoe": [r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"],
    "kimi-k2": [KIMI],
    "superbpe": [r"\p{N}+", r"(?=(\d{3})+(?!\d))"],
    "exaone-moe": [CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+"],
    "jais-2": [LLAMA3.replace(r"|\s+(?!\S)|\s+", "".join(
        r"|\s{%d}(?!\S)" % n for n in (512, 256, 128, 64, 32, 16, 8, 4)) + r"|\s{1,2}(?!\S)|\s{1}")],
    "tiny_aya": [GROUPED, GPT4O],
    "afmoe": [GROUPED, "[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\u3040-\u30ff\uff65-\uff9f\u2f00-\u2fdf\u0e40-\u0e7f\u0e80-\u0eff\u1780-\u17ff\u1000-\u109f\uaa60-\uaa7f\ua9e0-\ua9ff\uac00-\ud7af\u1100-\u11ff]+", DEEPSEEK3],
    "spark2_5": [
        r"\p{N}{1,3}", "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+",
        DEEPSEEK3.replace(r"+[\r\n]*|\s*[\r\n]+", r"+|[\r\n]"), r"\p{N}"],
    "youtu": ["[가-힣ㄱ-ㆎ]+|[！…“”‘’—：；，、-〿︰-﹏]+|[ㄅ-ㄯ]+|[一-龥\u3040-ゟ゠-ヿ]+", GPT4O.replace(r"\p{N}{1,3}", r"\p{N}")],
    "chameleon": [
        "<sentinel:[0-9]+>", "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z", r"([\t\n]|    |  )", r"\p{N}", r"[\p{P}!-/:-@\[-`{-~]", GPT2],
    "ufakzeka": [r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"],
}
SPECIAL = ["<|im_start|>", "<|im_end|>", "<|im_end|>x"]
MAKERS = ["<think>", "  \n"]
MARKED = [
    "<|im_start|>user\nhi<|im_end|>", "<|im_end|>xx", " <|im_end|> ", "<|im_start|><|im_start|>", "a<think> b</think>", "x  \ny", "<|im_st", "   \n\n",
]
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def splitter(expressions):
    return [pre_tokenizers.Split(Regex(expression), "isolated") for expression in expressions]


def write(name, value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    (FOLDER / name).write_text(text + "\n", encoding="utf-8")


def pieces(texts):
    """The lengths of all pieces in code points, one character each (`z` and the like for up to 61; longer ones as `*`)."""
    result = {}
    for name, expressions in EXPRESSIONS.items():
        sequence = pre_tokenizers.Sequence(splitter(expressions))
        result[name] = []
        for text in texts:
            lengths = [len(piece) for piece, _ in sequence.pre_tokenize_str(text)] if text else []
            assert sum(lengths) == len(text), (name, text)
            result[name].append("".join(DIGITS[n] if n < len(DIGITS) else "*" for n in lengths))
    return result


def byte_level(texts):
    """One vocabulary whose merges cross every boundary, so that a wrong cut shows in the tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(r"[\s\S]{1,30}"), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    trainer = trainers.BpeTrainer(
        vocab_size=1600, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False, min_frequency=1)
    training = texts + [text * 3 for text in PLAIN] + SCRIPTS[:10] * 4
    tokenizer.train_from_iterator(training, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    tokens = sorted(model["vocab"], key=model["vocab"].get)
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]]
    ids = {}
    for name in ["gpt-2", "smollm", "llama-bpe", "qwen2", "tekken", "gpt-4o", "deepseek-v3", "default"]:
        model = models.BPE(
            vocab={token: index for index, token in enumerate(tokens)}, merges=[tuple(merge.split(" ")) for merge in merges],
            ignore_merges=name in ("llama-bpe", "tekken"))
        tokenizer = Tokenizer(model)
        if name == "qwen2":
            tokenizer.normalizer = normalizers.NFC()
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            splitter(EXPRESSIONS[name]) + [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
        tokenizer.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in SPECIAL])
        tokenizer.add_tokens([AddedToken(text, special=False, normalized=False) for text in MAKERS])
        tokenizer.encode_special_tokens = True
        as_text = [tokenizer.encode(text).ids for text in texts + MARKED]
        tokenizer.encode_special_tokens = False
        ids[name] = {"asText": as_text, "parsed": [tokenizer.encode(text).ids for text in MARKED]}
    write("byte-level.json", {
        "tokens": tokens, "merges": merges, "special": SPECIAL, "makers": MAKERS, "marked": MARKED, "ids": ids})


def sentencepiece_model(texts, **options):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(line for text in PLAIN + SCRIPTS * 3 + texts for line in text.split("\n") if line.strip() and "\0" not in line),
        model_writer=model, vocab_size=1700, hard_vocab_limit=False, character_coverage=0.98, num_threads=1, minloglevel=2, **options)
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    description = protobuf.ModelProto()
    description.ParseFromString(model.getvalue())
    return processor, description


def sentence_pieces(texts):
    identity = {"normalization_rule_name": "identity", "remove_extra_whitespaces": False}
    rules = FOLDER / "rules.tsv"
    pairs = [("ﬁ", "fi"), ("ﬂ", "fl"), ("ß", "ss"), ("Ａ", "A"), ("　", " "), ("½", "1/2"), ("e\u0301", "é"), ("\u0001", ""), ("…", "...")]
    rules.write_text("".join(
        " ".join(f"{ord(c):X}" for c in source) + "\t" + " ".join(f"{ord(c):X}" for c in target) + "\n" for source, target in pairs))
    variants = {
        "bpe": {"model_type": "bpe", "byte_fallback": True, **identity},
        "bpe-unknown": {"model_type": "bpe", "add_dummy_prefix": False, **identity},
        "bpe-crossing": {"model_type": "bpe", "byte_fallback": True, "split_by_whitespace": False, "split_digits": True, **identity},
        "unigram": {"model_type": "unigram", "byte_fallback": True, **identity},
        "unigram-rules": {"model_type": "unigram", "normalization_rule_tsv": str(rules), "remove_extra_whitespaces": True},
    }
    result = {}
    for name, options in variants.items():
        processor, model = sentencepiece_model(texts, user_defined_symbols=[], **options)
        # A sentence is text without what the library itself cannot take: NUL ends its strings.
        result[name] = {
            "tokens": [piece.piece for piece in model.pieces],
            "types": [piece.type for piece in model.pieces],
            # Nine digits are a float32 exactly.
            "scores": [float("%.9g" % piece.score) for piece in model.pieces],
            "prefix": model.normalizer_spec.add_dummy_prefix,
            "tidies": model.normalizer_spec.remove_extra_whitespaces,
            "map": list(model.normalizer_spec.precompiled_charsmap) if "rules" in name else [],
            "ids": [processor.encode(text) for text in texts],
            "decoded": [processor.decode(processor.encode(text)) for text in texts] if name == "bpe" else [],
        }
    rules.unlink()
    write("sentencepiece.json", result)


def ranked(texts):
    """SentencePiece models as `tokenizer.json` writes them."""
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, fuse_unk=True, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    special = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    training = PLAIN + SCRIPTS * 3 + texts
    counts = collections.Counter("".join(training).replace(" ", "▁"))
    alphabet = [c for c, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:420]]
    trainer = trainers.BpeTrainer(
        vocab_size=1300, special_tokens=special, initial_alphabet=alphabet, limit_alphabet=420, show_progress=False)
    tokenizer.train_from_iterator(training, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    tokens = sorted(model["vocab"], key=model["vocab"].get)
    merges = [merge if isinstance(merge, list) else merge.split(" ") for merge in model["merges"]]
    result = {"tokens": tokens, "merges": merges, "ids": {}}
    variants = {
        "always": (normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]), None),
        "never": (normalizers.Replace(" ", "▁"), pre_tokenizers.Split(" ", "merged_with_previous")),
        "firstUnlessSpace": (None, pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="first", split=False)),
        "alwaysUnlessSpace": (None, pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)),
    }
    marked = texts + ["<s>a b</s> c", "<s> a</s>", "a</s>b"]
    for bytes_ in (True, False):
        for name, (normalizer, pre_tokenizer) in variants.items():
            vocabulary = {token: index for index, token in enumerate(tokens)}
            if not bytes_ and name != "always":
                continue
            tokenizer = Tokenizer(models.BPE(
                vocab=vocabulary, merges=[tuple(merge) for merge in merges], byte_fallback=bytes_, fuse_unk=True, unk_token="<unk>"))
            if normalizer:
                tokenizer.normalizer = normalizer
            if pre_tokenizer:
                tokenizer.pre_tokenizer = pre_tokenizer
            tokenizer.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in ["<s>", "</s>", "<unk>"]])
            result["ids"][name if bytes_ else "unknown"] = [tokenizer.encode(text, add_special_tokens=False).ids for text in marked]
    result["marked"] = marked[len(texts):]
    write("ranked.json", result)


def main():
    texts, noise = corpus(), fuzz(260)
    write("texts.json", {"texts": texts, "noise": noise, "broken": [list(bytes_) for bytes_ in BROKEN]})
    write("pieces.json", {"expressions": EXPRESSIONS, "pieces": pieces(texts + noise)})
    byte_level(texts)
    sentence_pieces(texts)
    ranked(texts)


main()

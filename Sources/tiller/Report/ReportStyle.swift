/// How a report looks: the reader's light or dark scheme, one column on a phone, and nothing that is fetched.
enum ReportStyle {
    static let css = """
        :root{color-scheme:light dark;--page:#fff;--card:#f6f6f8;--ink:#1c1c1e;--dim:#5f5f66;--rule:#d8d8dc;
        --a:#0b62c4;--b:#b3400d;--c:#17803d;--pos:11 98 196;--neg:190 80 20;--warm:214 110 20;--bad:200 30 40}
        @media (prefers-color-scheme:dark){:root{--page:#161618;--card:#202024;--ink:#f2f2f5;--dim:#a5a5ad;--rule:#3a3a40;
        --a:#6cb2ff;--b:#ff9d6b;--c:#6ddc92;--pos:90 165 255;--neg:255 145 80;--warm:255 160 70;--bad:255 90 95}}
        *{box-sizing:border-box}
        body{margin:0 auto;padding:16px;max-width:1120px;background:var(--page);color:var(--ink);
        font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
        h1{font-size:1.5rem;line-height:1.2;margin:.5rem 0}h2{font-size:1.25rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:1.5rem 0 .5rem}
        p{margin:.5rem 0}.dim,figcaption+*{color:var(--dim)}.dim{font-size:.875rem}
        .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(320px,100%),1fr));gap:16px}
        figure{margin:0;padding:12px;background:var(--card);border-radius:8px}figcaption{font-weight:600;font-size:.9rem}
        svg{display:block;width:100%;height:auto}svg text{font:10.5px system-ui,sans-serif;fill:var(--dim)}
        .e{text-anchor:end}.m{text-anchor:middle}svg path{fill:none;stroke-width:1.8;stroke-linejoin:round}
        svg .r{stroke:var(--rule);stroke-width:1}svg .a{stroke:var(--a)}svg .b{stroke:var(--b);stroke-dasharray:6 3}
        svg .c{stroke:var(--c);stroke-dasharray:2 3}svg .l{stroke:var(--c);stroke-width:1.2;stroke-dasharray:8 4}
        svg circle{stroke:none!important}svg circle.a{fill:var(--a)}svg circle.b{fill:var(--b)}svg circle.c{fill:var(--c)}
        svg rect.d{fill:rgb(var(--bad)/.13)}svg rect.hp{fill:rgb(var(--pos))}svg rect.hn{fill:rgb(var(--neg))}
        .keys{margin:.25rem 0 0;font-size:.8rem;color:var(--dim)}.key{margin-right:.75rem;white-space:nowrap}
        .key::before{content:"";display:inline-block;width:18px;height:0;margin-right:5px;vertical-align:middle;border-top:2px solid var(--a)}
        .key.b::before{border-top:2px dashed var(--b)}.key.c::before{border-top:2px dotted var(--c)}.key.l::before{border-top:2px dashed var(--c)}
        .key.d::before{height:11px;border:0;background:rgb(var(--bad)/.2)}.key.hp::before{height:11px;border:0;background:rgb(var(--pos))}
        .key.hn::before{height:11px;border:0;background:rgb(var(--neg))}
        .scroll{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.875rem}
        th,td{padding:4px 10px;text-align:right;border-bottom:1px solid var(--rule);white-space:nowrap}th{font-weight:600;color:var(--dim)}
        th:first-child,td:first-child{text-align:left;padding-left:4px}tr.bad td:first-child{box-shadow:inset 3px 0 rgb(var(--bad))}
        tr.zero td{font-weight:600}
        details{margin:8px 0;border:1px solid var(--rule);border-radius:8px}summary{padding:10px 12px;cursor:pointer;font-weight:600}
        .answer{display:grid;grid-template-columns:1fr 1fr;gap:4px 20px;padding:10px 12px;border-top:1px solid var(--rule)}
        .answer h4{grid-column:1/-1;margin:0;font-size:.875rem}.answer h4 span{font-weight:400;color:var(--dim)}
        .answer p{margin:0;white-space:pre-wrap}.answer p.left{color:var(--dim)}.fault{color:rgb(var(--bad));font-weight:600}
        .left i{color:var(--ink)}@media (max-width:640px){.answer{grid-template-columns:1fr}.answer p.left{padding-left:10px;border-left:2px solid var(--rule)}}
        del,ins{text-decoration:none;border-radius:3px}del{background:rgb(var(--neg)/.16)}ins{background:rgb(var(--pos)/.2)}
        i{font-style:normal;border-radius:2px}
        .view{display:flex;flex-wrap:wrap;gap:4px 16px;margin:.5rem 0 1rem}.view label{cursor:pointer}
        .surprise,.meter{display:none}
        body:has(#view-surprise:checked) .surprise,body:has(#view-meter:checked) .meter{display:inline}
        body:has(#view-surprise:checked) .words,body:has(#view-meter:checked) .words{display:none}
        \(levels("s", "--warm", 8, strongest: 0.62))\(levels("p", "--pos", 6, strongest: 0.6))\(levels("n", "--neg", 6, strongest: 0.6))
        """

    /// Classes `s1` … `s8`: ever more of a colour behind a token.
    private static func levels(_ name: String, _ colour: String, _ count: Int, strongest: Double) -> String {
        (1...count).map { level in
            let opacity = Quantity.decimal(strongest * Double(level) / Double(count), 2)
            return ".\(name)\(level){background:rgb(var(\(colour))/\(opacity))}"
        }.joined()
    }
}

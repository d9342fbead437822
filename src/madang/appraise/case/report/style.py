"""How the pages look, on a screen by day and by night and on paper."""

STYLE = """
:root{color-scheme:light dark;--ink:#1d2730;--dim:#5d6b76;--line:#cfd6dc;--ground:#fff;--wash:#f4f6f8}
:root{--good:#0b6e4f;--bad:#a4243b;--plain:#4a6fa5;--soft:#b9c7da}
@media (prefers-color-scheme:dark){
:root{--ink:#e6ebef;--dim:#a3b0ba;--line:#3a464f;--ground:#12181d;--wash:#1b242b}
:root{--good:#4fc79a;--bad:#ff8296;--plain:#8fb3e6;--soft:#3d5375}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--ground)}
body{max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;margin-bottom:.3rem}h2{font-size:1.2rem;margin-top:2.8rem;border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin-top:1.6rem}a{color:var(--plain)}code{overflow-wrap:anywhere}
p.note,figcaption,small{color:var(--dim);font-size:.9rem}
figure{margin:1rem 0;overflow-x:auto}svg{max-width:100%;height:auto}
svg text{fill:var(--ink);font:13px system-ui,sans-serif}svg text.dim{fill:var(--dim)}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.92rem}
div.wide{overflow-x:auto;margin:.6rem 0}
th,td{padding:.28rem .55rem;border-bottom:1px solid var(--line);text-align:right;vertical-align:top}
th:first-child,td:first-child,td.words,th.words{text-align:left}td{white-space:nowrap}td.words{white-space:normal}
tr.sum td{font-weight:600;border-top:2px solid var(--ink)}
.draft{border:2px solid var(--bad);padding:.2rem 1rem;margin:1rem 0}.draft strong{color:var(--bad)}
.good{color:var(--good)}.bad{color:var(--bad)}
dl.key{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.6rem;margin:1rem 0}
dl.key div{background:var(--wash);padding:.6rem .8rem}dl.key dt{color:var(--dim);font-size:.85rem}
dl.key dd{margin:0;font-size:1.25rem;font-variant-numeric:tabular-nums}
@media print{
:root{--ink:#000;--dim:#444;--line:#bbb;--ground:#fff;--wash:#f4f4f4;--good:#0b6e4f;--bad:#a4243b;--plain:#4a6fa5;
--soft:#b9c7da}
body{font-size:10pt;max-width:none;margin:0}h1{margin-top:0}h2{break-after:avoid;margin:1.2rem 0 .5rem}
figure,tr{break-inside:avoid}p,ul{margin:.5rem 0}
a{color:inherit;text-decoration:none}@page{margin:16mm}svg{max-height:60mm}
dl.key{gap:.3rem;margin:.5rem 0}dl.key dd{font-size:1.05rem}dl.key div{padding:.3rem .5rem}figure{margin:.4rem 0}
body{line-height:1.35}td{white-space:normal}}
"""

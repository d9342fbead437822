"""How the report looks, in light and dark, on paper and on a phone."""

from typing import Final

STYLE: Final = """
:root{color-scheme:light dark;--ink:#1d2730;--dim:#55636e;--line:#cfd6dc;--ground:#fff}
:root{--good:#0b6e4f;--bad:#a4243b;--plain:#8795a1;--red:#d8a0a8;--green:#2a9d6f;--path:#2b5f8a}
:root{--m0:#c3ced6;--m1:#8fb5d1;--m2:#4f8cb8;--m3:#225f8f;--m4:#0a2f55}
@media (prefers-color-scheme:dark){
:root{--ink:#e6ebef;--dim:#a3b0ba;--line:#3a464f;--ground:#12181d;--good:#4fc79a;--bad:#ff8296}
:root{--plain:#76838d;--red:#7a3b46;--green:#3fbf88;--path:#9cc9ef}
:root{--m0:#33424d;--m1:#3b6480;--m2:#4f8fb8;--m3:#8cc3e6;--m4:#e6f4ff}}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--ground);margin:0}
main{max-width:60rem;margin:0 auto;padding:1rem}
h1{font-size:1.5rem}h2{font-size:1.25rem;margin-top:2.5rem;border-bottom:2px solid var(--line);overflow-wrap:anywhere}
h3{font-size:1.1rem;margin-top:2rem}h4{font-size:1rem;margin-bottom:.3rem}
.note,.dim,figcaption,caption{color:var(--dim)}.note,figcaption,caption{font-size:.9rem}caption{text-align:left}
.good{color:var(--good);fill:var(--good)}.bad{color:var(--bad);fill:var(--bad)}.plain{fill:var(--plain)}
.ci{stroke:var(--ink);stroke-width:2}figure{margin:1rem 0}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}div.wide{overflow-x:auto}
th{font-weight:normal;text-align:left}thead th{color:var(--dim);font-size:.9rem;vertical-align:bottom}
div.wide th,div.wide td{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
div.wide th:first-child{text-align:left}abbr{text-decoration:none}
table.bars{width:100%;table-layout:fixed;margin:1rem 0}table.bars th{width:30%;padding-right:.6rem;line-height:1.25}
table.bars td.says{width:26%;padding-left:.6rem;line-height:1.25}table.bars tr{border-bottom:1px solid var(--line)}
table.bars th,table.bars td{padding-top:.25rem;padding-bottom:.25rem;font-size:.95rem;overflow-wrap:anywhere}
table.bars svg{display:block}
svg.diagram{display:block;width:100%;min-width:40rem;height:auto}
svg text{fill:var(--ink);font:13px system-ui,sans-serif}
.red{fill:var(--red)}.green{fill:var(--green)}.path{fill:none;stroke:var(--path);stroke-width:1}
.maps{display:grid;grid-template-columns:repeat(auto-fit,minmax(17rem,1fr));gap:1rem}.maps figure{margin:0}
svg.map{display:block;width:100%;height:auto;border:1px solid var(--line)}
svg.map g,.key g{fill:none;stroke-linejoin:round;stroke-linecap:round}
.m0{stroke:var(--m0);stroke-width:1}.m1{stroke:var(--m1);stroke-width:1.7}.m2{stroke:var(--m2);stroke-width:2.4}
.m3{stroke:var(--m3);stroke-width:3.2}.m4{stroke:var(--m4);stroke-width:4.2}
.key{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;padding:0;font-size:.9rem;color:var(--dim)}
summary{cursor:pointer;padding:.4rem 0}:focus-visible{outline:2px solid var(--path);outline-offset:2px}
@media (max-width:40rem){table.bars th{width:34%}table.bars td.says{width:34%}
table.bars th,table.bars td{font-size:.85rem}}
@media print{details>*{display:block}}
"""

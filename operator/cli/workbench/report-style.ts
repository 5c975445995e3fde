/**
 * The one style of the report. Colours of the charts are those of Okabe and Ito, which colour-blind people can tell apart;
 * each has a pattern of its own too, for print in black and white. Text has a contrast of at least 4.5 in both schemes.
 */
export const reportStyle = `:root{color-scheme:light dark;--ground:#f4f5f7;--card:#fff;--text:#1c2128;--soft:#57606a;--line:#d8dee4;--good:#1a7f37;--bad:#b3261e;--link:#0b5cad;--ink:#1c2128}
@media (prefers-color-scheme:dark){:root{--ground:#0d1117;--card:#161b22;--text:#e6edf3;--soft:#9aa4af;--line:#30363d;--good:#4ac26b;--bad:#ff8a80;--link:#6cb6ff;--ink:#e6edf3}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--text);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
.page{max-width:78rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{margin:0;font-size:1.75rem;line-height:1.2;overflow-wrap:anywhere}
h2{margin:0 0 .75rem;font-size:1.25rem;line-height:1.3}
h3{margin:1.5rem 0 .5rem;font-size:1rem;overflow-wrap:anywhere}
p{margin:.5rem 0;overflow-wrap:anywhere}
a{color:var(--link)}
.soft,caption,footer,figcaption{color:var(--soft)}
.lead{margin:.25rem 0 1rem;color:var(--soft)}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin:0 0 1.25rem;padding:0;list-style:none;font-size:.9rem}
section{margin:0 0 1.25rem;padding:1.25rem;background:var(--card);border:1px solid var(--line);border-radius:.75rem}
.answers{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(13rem,100%),1fr));gap:.75rem;margin:0 0 1.25rem}
.answers>div{padding:1rem 1.1rem;background:var(--card);border:1px solid var(--line);border-top:4px solid var(--link);border-radius:.75rem}
.answers dt{color:var(--soft);font-size:.875rem}
.answers dd{margin:.25rem 0 0;overflow-wrap:anywhere}
.answers strong{display:block;margin-bottom:.25rem;font-size:1.25rem;line-height:1.3}
.amount{display:block}
.answers .good{border-top-color:var(--good)}.answers .bad{border-top-color:var(--bad)}
.mark{font-weight:600;white-space:nowrap}
.good>.mark,.mark.good,.answers .good strong{color:var(--good)}.bad>.mark,.mark.bad,.answers .bad strong{color:var(--bad)}
.box{overflow-x:auto;margin:.5rem 0 0}
.box:focus-visible{outline:2px solid var(--link);outline-offset:2px}
table{width:100%;border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums}
caption{padding:0 0 .5rem;max-width:calc(100vw - 3.5rem);text-align:left;font-size:.875rem}
figcaption,p.soft{font-size:.875rem}
th,td{padding:.4rem .5rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th{font-weight:600}
thead th{border-bottom:2px solid var(--line);vertical-align:bottom}
tbody th{min-width:9rem;max-width:22rem;overflow-wrap:anywhere}
td.words{min-width:6rem;max-width:18rem;overflow-wrap:anywhere}
tfoot th,tfoot td{border-bottom:0;border-top:2px solid var(--line);font-weight:600}
.number{text-align:right}
td.number,.date{white-space:nowrap}
.small{display:block;color:var(--soft);font-weight:400;font-size:.8rem}
.share{width:8rem;min-width:6rem}
figure{margin:0 0 1rem}
figure h3,.pair h3{margin-top:.25rem}
svg.chart{display:block;width:100%;overflow:visible}
svg.defs{position:absolute;width:0;height:0}
svg text{fill:var(--text);font-size:12px}
svg text.faint{fill:var(--soft)}
.swatch{display:inline-block;width:1.1rem;height:.8rem;margin-right:.35rem;vertical-align:-.05rem}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;margin:.35rem 0 0;padding:0;list-style:none;font-size:.875rem}
.legend b{font-variant-numeric:tabular-nums}
.frame{fill:none;stroke:var(--soft)}
.free{fill:none;stroke:var(--soft);stroke-dasharray:4 3}
.owned{stroke:var(--ink);stroke-width:3}
.grid{stroke:var(--line)}
svg.near{width:calc(100% - 36px);margin-left:36px}svg.far{width:calc(100% - 62px);margin-left:62px}svg.farthest{width:calc(100% - 120px);margin-left:120px}
.part{stroke:var(--card)}
.line{fill:none;stroke-width:2.5}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(26rem,100%),1fr));gap:1rem 2rem}
.renewals{margin:0;padding:0;list-style:none}
.renewals li{display:flex;gap:1rem;padding:.75rem 0;border-top:1px solid var(--line)}
.renewals li:first-child{border-top:0}
.renewals p{margin:0}
.renewals div:last-child{min-width:0}
.day{flex:0 0 4.5rem;align-self:flex-start;padding:.35rem 0;border:1px solid var(--line);border-radius:.5rem;text-align:center;line-height:1.2}
.day b{display:block;font-size:1.35rem}
.due .day{border-color:var(--bad)}
footer{padding:0 .25rem;font-size:.875rem}
@media (max-width:40rem){section{padding:1rem .85rem}.page{padding:1rem .6rem 2rem}}
@media print{
@page{size:landscape;margin:12mm}
:root{color-scheme:light;--ground:#fff;--card:#fff;--text:#000;--soft:#444;--line:#bbb;--good:#14602a;--bad:#9b1c15;--link:#000;--ink:#000}
body{font-size:10pt}
.page{max-width:none;padding:0}
nav{display:none}
.answers{grid-template-columns:repeat(5,1fr);gap:.4rem}
.answers>div{padding:.5rem .6rem}
.answers strong{font-size:1.1rem}
section,.answers>div{border-radius:0;break-inside:auto}
section{padding:.6rem 0;border:0;border-top:1px solid var(--line)}
h2,h3{break-after:avoid}
figure,tr,.answers>div,.renewals li{break-inside:avoid}
.box{overflow:visible}
table{font-size:8.5pt}
th,td{padding:.2rem .35rem}
.small{font-size:7.5pt}caption,figcaption,p.soft{font-size:9pt}
tbody th{min-width:0}
td.words{min-width:0}
.number{overflow-wrap:normal}
thead{display:table-header-group;break-after:avoid}
caption{max-width:none;break-after:avoid}
tfoot{display:table-row-group}
svg,.swatch{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}`;

/** The style of the console. It loads nothing. */
export const CONSOLE_STYLE = `
:root{color-scheme:light dark;--ink:#0f1f29;--soft:#566771;--line:#dbe4e8;--paper:#fff;--ground:#eef3f5;--accent:#00736c;--on-accent:#fff;--bad:#b3261e;--good:#00736c;--tint:#e8f1f2;--note:#ffdc72;--on-note:#3d2f00}
@media(prefers-color-scheme:dark){:root{--ink:#e9f1f4;--soft:#a3b4be;--line:#2c3d47;--paper:#15222a;--ground:#0c151a;--accent:#2bc7bc;--on-accent:#04201e;--bad:#ff8f86;--good:#2bc7bc;--tint:#1d2f38;--note:#5b4708;--on-note:#ffeab0}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
.test{margin:0;padding:.4rem 1rem;background:var(--note);color:var(--on-note);text-align:center;font-weight:600;font-size:.9rem}
header{display:flex;gap:1rem;align-items:baseline;justify-content:space-between;max-width:80rem;margin:0 auto;padding:1.1rem 1rem 0}
h1{margin:0;font-size:1.25rem}#live{color:var(--soft);font-size:.85rem}
main{max-width:80rem;margin:0 auto;padding:0 1rem 3rem}
#done{min-height:1.5rem;margin:.5rem 0;font-weight:600}
.columns{display:grid;grid-template-columns:minmax(0,1.15fr) minmax(0,1fr);gap:1rem}
section{margin-bottom:1rem;padding:1rem 1.1rem;background:var(--paper);border-radius:1rem;box-shadow:0 1px 2px #0f1f2914}
h2{margin:0 0 .6rem;font-size:1rem}h2 small{color:var(--soft);font-weight:400}
h3{margin:.5rem 0 .2rem;font-size:.8rem;color:var(--soft);font-weight:600}
ul{margin:0;padding:0;list-style:none}
.cardlist li{padding:.7rem 0;border-top:1px solid var(--line)}.cardlist li:first-child{border-top:0;padding-top:0}
.plain li{padding:.3rem 0;overflow-wrap:anywhere}
.line{display:flex;flex-wrap:wrap;gap:.15rem .8rem;align-items:baseline;justify-content:space-between;overflow-wrap:anywhere}
.line.soft{justify-content:flex-start;font-size:.88rem}
.soft,.none,small{color:var(--soft)}.none{margin:0}
.sum{font-size:1.1rem}
.tag{display:inline-block;padding:.05rem .5rem;border-radius:1rem;background:var(--tint);font-size:.8rem;font-weight:600;white-space:nowrap}
.tag.good{color:var(--good)}.tag.bad{color:var(--bad)}.tag.work{color:#b07a00}.tag small{font-weight:400}
.good{color:var(--good)}.bad{color:var(--bad)}
code,pre{font:12.5px/1.4 ui-monospace,SFMono-Regular,Menlo,monospace;overflow-wrap:anywhere}
pre{margin:0;padding:.6rem;max-height:20rem;overflow:auto;background:var(--ground);border-radius:.5rem;white-space:pre-wrap}
a{color:inherit}
.acts{display:flex;flex-wrap:wrap;gap:.4rem;align-items:center;margin-top:.45rem}
.acts:empty{display:none}
button,select,input{min-height:2.1rem;padding:.25rem .7rem;border:1px solid var(--line);border-radius:.55rem;background:var(--paper);color:var(--ink);font:inherit;font-size:.88rem;max-width:100%}
button{cursor:pointer;background:var(--tint);font-weight:600}
button[value=pay],button[value=fault_on]{border-color:transparent;background:var(--accent);color:var(--on-accent)}
button:hover{filter:brightness(1.06)}
input[name=method]{width:9.5rem}.acts select[name=card]{max-width:12rem}
:focus-visible{outline:3px solid var(--accent);outline-offset:1px}
details{padding:.25rem 0;border-top:1px solid var(--line)}details:first-of-type{border-top:0}
summary{cursor:pointer;overflow-wrap:anywhere}
.pages{display:flex;justify-content:space-between;margin-top:.5rem;color:var(--soft)}
@media(max-width:56rem){.columns{grid-template-columns:minmax(0,1fr)}}
`;

/** The style of the payment page. It loads nothing. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--ink:#0f1f29;--soft:#566771;--line:#d5dfe4;--edge:#7f929d;--paper:#fff;--ground:#eef3f5;--accent:#00736c;--tint:#e3f3f1;--on-accent:#fff;--bad:#b3261e;--good:#00736c;--note:#ffdc72;--on-note:#3d2f00}
@media(prefers-color-scheme:dark){:root{--ink:#e9f1f4;--soft:#a3b4be;--line:#2c3d47;--edge:#6f858f;--paper:#15222a;--ground:#0c151a;--accent:#2bc7bc;--tint:#123a3a;--on-accent:#04201e;--bad:#ff8f86;--good:#2bc7bc;--note:#5b4708;--on-note:#ffeab0}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;-webkit-text-size-adjust:100%}
.test{position:sticky;top:0;z-index:1;margin:0;padding:.45rem 1rem;background:var(--note);color:var(--on-note);text-align:center;font-weight:600;font-size:.95rem}
.languages{display:flex;justify-content:center;gap:.25rem;margin:1rem 1rem 0}
.languages a{padding:.35rem .75rem;border-radius:2rem;color:var(--soft);text-decoration:none;font-size:.9rem}
.languages a[aria-current]{background:var(--paper);color:var(--ink);font-weight:600}
.languages a:hover{color:var(--ink)}
main{display:flex;flex-wrap:wrap;gap:1.25rem;justify-content:center;align-items:flex-start;max-width:58rem;margin:1rem auto 3rem;padding:0 1rem}
.sheet{width:100%;max-width:27rem;padding:1.75rem;background:var(--paper);border-radius:1.25rem;box-shadow:0 1px 2px #0f1f2914,0 12px 40px #0f1f2914}
h1{margin:0 0 1.25rem;font-size:1.15rem;line-height:1.3}
h1:focus{outline:none}
.good{color:var(--good)}.bad,.problem{color:var(--bad)}
.summary{margin:0 0 1.5rem;padding-bottom:1.25rem;border-bottom:1px solid var(--line)}
.merchant{margin:0 0 .75rem;font-weight:600}
.description{margin:.5rem 0 0;color:var(--soft)}
p,dd,dt{overflow-wrap:anywhere}
dl{margin:0}dl div{display:flex;justify-content:space-between;gap:1rem;padding:.15rem 0}
dt{color:var(--soft);min-width:30%;text-align:left}dd{margin:0;text-align:right;min-width:0}
.summary div:first-child{display:block}
.summary div:first-child dt,.summary div:first-child dd{text-align:left}
.amount{margin-bottom:.5rem;font-size:2rem;font-weight:700;line-height:1.2;letter-spacing:-.02em}
.field{position:relative;margin-top:1rem}
label{display:block;color:var(--soft);font-size:.9rem}
input{display:block;width:100%;height:3.25rem;margin-top:.25rem;padding:0 .9rem;border:1px solid var(--edge);border-radius:.75rem;background:transparent;color:var(--ink);font:inherit;font-size:1.15rem;font-variant-numeric:tabular-nums}
input::placeholder{color:var(--soft);opacity:.65}
input[aria-invalid]{border-color:var(--bad);box-shadow:inset 0 0 0 1px var(--bad)}
.problem{margin:.35rem 0 0;font-size:.9rem}
.problem[role=alert]{margin:0 0 1rem;padding:.75rem 1rem;border:1px solid var(--bad);border-radius:.75rem;font-size:1rem}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:1rem;align-items:start}
.brand{padding:.05rem .5rem;border-radius:.4rem;background:var(--line);color:var(--ink);font-size:.75rem;font-weight:700;letter-spacing:.02em}
.brand[data-brand=""]{display:none}
.brand[data-brand=Uzcard]{background:#1d4f9e;color:#fff}.brand[data-brand=HUMO]{background:#8a5a12;color:#fff}
.field .brand{position:absolute;right:.9rem;top:2.7rem;padding:.15rem .55rem}
button{font:inherit;cursor:pointer}
.main,.quiet{display:block;width:100%;min-height:3.25rem;margin-top:1.5rem;padding:.6rem 1rem;border:0;border-radius:.75rem;background:var(--accent);color:var(--on-accent);font-weight:600}
.main:hover{filter:brightness(1.08)}
.quiet{margin-top:1rem;min-height:2.75rem;background:transparent;color:var(--bad)}
.quiet:hover,.fill:hover{background:var(--tint);color:var(--ink)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
a{color:var(--accent)}
form .back{margin-top:.5rem}.stays{margin:0;padding-bottom:.75rem;border-bottom:1px solid var(--line);color:var(--soft);font-size:.9rem;text-align:center}
.back{margin:1.25rem 0 0;text-align:center}.back a{display:inline-block;padding:.5rem .75rem}
.cards{width:100%;max-width:24rem;padding:1.25rem .75rem}
.cards h2{margin:0 .75rem;font-size:1rem}.cards p{margin:.25rem .75rem .5rem;color:var(--soft);font-size:.9rem}
.cards ul{margin:0;padding:0;list-style:none}
.fill{display:block;width:100%;padding:.5rem .75rem;border:0;border-radius:.75rem;background:transparent;color:var(--ink);text-align:left}
.fill b{font-weight:600;font-variant-numeric:tabular-nums;white-space:nowrap}
.fill small{display:block;color:var(--soft);font-size:.85rem}
.result{text-align:center}
.result h1{margin:.75rem 0 .5rem;font-size:1.5rem}
.result .more{margin:0 0 1rem;color:var(--soft)}
.result .summary{margin:1.5rem 0 1rem;text-align:left}
.icon{color:var(--good)}.result[data-result=cancelled] .icon{color:var(--bad)}
.result[data-result=pending] .icon,.result[data-result=held] .icon{color:#b07a00}
.result .back a{width:100%;padding:.85rem 1rem;border-radius:.75rem;background:var(--accent);color:var(--on-accent);font-weight:600;text-decoration:none}
[aria-busy] .sheet,[aria-busy] .cards{opacity:.55;transition:opacity .2s .1s}
.said{position:fixed;left:50%;bottom:1.25rem;transform:translateX(-50%);max-width:calc(100vw - 2rem);margin:0;padding:.6rem 1.25rem;border-radius:2rem;background:var(--ink);color:var(--paper)}
.said:empty{display:none}
@media(max-width:30rem){main{margin:.75rem 0 2rem;padding:0}.sheet{padding:1.5rem 1.25rem;border-radius:0;box-shadow:none}.cards{padding:.5rem}}
@media(prefers-reduced-motion:reduce){*{transition:none!important}}
`;

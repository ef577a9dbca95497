/** The style of the page. It loads nothing. */
export const ADMIN_STYLE = `
:root{color-scheme:light dark;--ink:#0f1f29;--soft:#4f606b;--line:#d5dfe4;--edge:#7f929d;--paper:#fff;--ground:#eef3f5;--accent:#00645e;--on-accent:#fff;--bad:#a8211a;--good:#00645e;--work:#7a5200;--tint:#e3f3f1}
@media(prefers-color-scheme:dark){:root{--ink:#e9f1f4;--soft:#a9bac4;--line:#2c3d47;--edge:#6f858f;--paper:#15222a;--ground:#0c151a;--accent:#2bc7bc;--on-accent:#04201e;--bad:#ff9a92;--good:#2bc7bc;--work:#f2c14e;--tint:#123a3a}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;overflow-wrap:anywhere;-webkit-text-size-adjust:100%}
header{background:var(--paper);border-bottom:1px solid var(--line)}
.bar{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;align-items:center;max-width:60rem;margin:0 auto;padding:.6rem 1rem}
.bar>b{margin-right:auto}.bar nav{display:flex;flex-wrap:wrap;gap:.25rem}
.bar nav a{padding:.4rem .7rem;border-radius:.6rem;color:var(--ink);text-decoration:none}
.bar nav a:hover,.bar nav a[aria-current=true]{background:var(--tint)}.bar nav a[aria-current=page]{background:var(--accent);color:var(--on-accent);font-weight:600}
main{max-width:60rem;margin:0 auto;padding:1rem}
h1{margin:.25rem 0 1rem;font-size:1.4rem;line-height:1.3}h1 code{font-size:1rem;font-weight:500}
h2{margin:0 0 .75rem;font-size:1.1rem}h3{margin:1rem 0 .5rem;font-size:1rem}
a{color:var(--accent)}code{font-size:.9em}small{color:var(--soft)}
section,main>dl,main>form,.figures{margin:0 0 1rem;padding:1rem 1.1rem;background:var(--paper);border:1px solid var(--line);border-radius:.9rem}
section .figures{padding:0;border:0}
dl{margin:0}dl div{display:flex;flex-wrap:wrap;gap:0 1rem;padding:.25rem 0}dt{flex:0 0 13rem;color:var(--soft)}dd{margin:0;flex:1;min-width:12rem}
.figures dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.5rem 1rem}.figures dl div{display:block}.figures dd{font-size:1.25rem;font-weight:650}
.money{white-space:nowrap;font-variant-numeric:tabular-nums}
.list{margin:0;padding:0;list-style:none}.list>li{padding:.6rem 0;border-top:1px solid var(--line)}.list>li:first-child{border-top:0;padding-top:0}
.list>li>*{margin-right:.35rem}.list p{margin:.4rem 0}.story time{color:var(--soft);font-size:.9rem;margin-right:.4rem}
.list>li:target{outline:3px solid var(--accent);outline-offset:.3rem;border-radius:.3rem}
.tag{display:inline-block;padding:.05rem .5rem;border:1px solid currentColor;border-radius:1rem;font-size:.85rem;font-weight:600}
.good{color:var(--good)}.bad{color:var(--bad)}.work{color:var(--work)}
form{margin:.5rem 0 0}main>form,section>form:first-of-type{margin-top:0}
label{display:block;max-width:30rem;margin-bottom:.6rem;color:var(--soft);font-size:.95rem}
input:not([type=hidden]){display:block;width:100%;height:2.75rem;margin-top:.2rem;padding:0 .75rem;border:1px solid var(--edge);border-radius:.6rem;background:var(--paper);color:var(--ink);font:inherit}
.acts{display:flex;flex-wrap:wrap;gap:.5rem}
button{min-height:2.75rem;padding:.4rem 1.1rem;border:0;border-radius:.6rem;background:var(--accent);color:var(--on-accent);font:inherit;font-weight:600;cursor:pointer}
button:hover{filter:brightness(1.08)}button[aria-disabled]{opacity:.55;cursor:default}
button[value=refund],button[value=cancel]{background:var(--bad);color:var(--paper)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.said{margin:0 0 1rem;padding:.75rem 1rem;border:2px solid currentColor;border-radius:.9rem;background:var(--paper);font-weight:600}.said p{margin:0}
svg{display:block;width:100%;height:auto;margin:1rem 0 .25rem}rect.paid{fill:var(--good)}rect.refunded{fill:var(--bad)}.ground{stroke:var(--edge)}
.key{margin:0 0 .5rem;font-size:.9rem}.key span::before{content:"";display:inline-block;width:.7rem;height:.7rem;margin:0 .35rem 0 .25rem;background:var(--good)}.key .refunded::before{background:var(--bad)}
summary{cursor:pointer}.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:right;font-variant-numeric:tabular-nums;overflow-wrap:normal;white-space:nowrap}th:first-child{text-align:left}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;padding:.4rem .8rem;background:var(--paper)}
@media(max-width:36rem){main{padding:.75rem .6rem}section,main>dl,main>form,.figures{padding:.85rem .8rem}dl div{display:block}.bar{gap:.1rem .75rem;padding:.4rem .5rem}.bar nav a{padding:.3rem .5rem}button{flex:1 1 auto}}
`;

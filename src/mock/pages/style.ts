import { createHash } from "node:crypto";

/** The pages' looks: no font, picture or script from anywhere. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--ink:#10202a;--soft:#5c6b75;--paper:#fff;--ground:#eef3f5;--accent:#00756e;--bad:#b3261e;--on-accent:#fff}
@media(prefers-color-scheme:dark){:root{--ink:#e9f1f4;--soft:#9fb0ba;--paper:#16232b;--ground:#0d161c;--accent:#27c4b9;--on-accent:#04201e;--bad:#ff8a80}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
.test{margin:0;padding:.5rem 1rem;background:#ffd54a;color:#3d2f00;text-align:center;font-weight:600}
main{max-width:26rem;margin:2rem auto;padding:1.75rem;background:var(--paper);border-radius:1rem;box-shadow:0 8px 30px #0002}
h1{margin:0 0 1rem;font-size:1.4rem}.good{color:var(--accent)}.bad,.problem{color:var(--bad)}
.merchant{margin:0 0 .5rem;font-weight:600}dl{margin:0}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}.amount{font-size:2rem;font-weight:700}
p{overflow-wrap:anywhere}.problem{margin:.25rem 0 0}
label{display:block;margin-top:1rem;color:var(--soft)}
input{display:block;width:100%;margin-top:.25rem;padding:.75rem;border:1px solid #8fa1ac;border-radius:.6rem;background:transparent;color:var(--ink);font:inherit;font-size:1.1rem}
input[aria-invalid]{border-color:var(--bad)}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:1rem;align-items:end}
button{width:100%;margin-top:1.25rem;padding:.9rem;border:0;border-radius:.6rem;background:var(--accent);color:var(--on-accent);font:inherit;font-weight:600;cursor:pointer}
button.quiet{margin-top:.5rem;background:transparent;color:var(--soft)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
a{color:var(--accent)}details{margin-top:1rem;color:var(--soft);font-size:.9rem}
@media(max-width:30rem){main{margin:0;border-radius:0;box-shadow:none}}
`;

/** What lets this style through a content security policy, and no other. */
export const STYLE_POLICY = `'sha256-${createHash("sha256").update(PAGE_STYLE).digest("base64")}'`;

/** CSS of the docs page. */
export const style = `
:root { color-scheme: light dark; --ink: #1c1917; --dim: #57534e; --paper: #fff; --soft: #f5f5f4; --line: #d6d3d1; --link: #1d4ed8;
  --get: #166534; --patch: #92400e; --delete: #b91c1c; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f5f5f4; --dim: #a8a29e; --paper: #171412; --soft: #24201d; --line: #44403c; --link: #93c5fd;
    --get: #86efac; --patch: #fcd34d; --delete: #fca5a5; }
}
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
a { color: var(--link); }
code, pre { font: 13px/1.5 ui-monospace, monospace; }
nav { padding: 1rem; border-bottom: 1px solid var(--line); font-size: 14px; }
nav h2 { margin: 1rem 0 .25rem; font-size: 13px; color: var(--dim); }
nav ul { margin: 0; padding: 0; list-style: none; }
.list > summary { margin: .5rem 0 0; color: var(--link); }
.list ul { columns: 11rem; }
nav li { padding: .25rem 0; break-inside: avoid; }
nav a { text-decoration: none; }
nav a:hover { text-decoration: underline; }
.home { font-weight: 700; color: var(--ink); }
main { max-width: 52rem; padding: 1rem; min-width: 0; }
section { padding: .5rem 0 1.5rem; border-bottom: 1px solid var(--line); }
main > h2 { margin: 2.5rem 0 0; }
h3 { margin: 1rem 0 .5rem; }
h4 { margin: 1rem 0 .25rem; font-size: 15px; }
h5 { margin: .75rem 0 .25rem; font: 600 13px ui-monospace, monospace; }
.call { overflow-wrap: anywhere; }
.call .get { color: var(--get); }
.call .post { color: var(--link); }
.call .patch { color: var(--patch); }
.call .delete { color: var(--delete); }
.call b { padding: .125rem .5rem; border: 1px solid currentColor; border-radius: .25rem; font-size: 13px; }
pre { margin: .5rem 0; padding: .75rem; overflow: auto; background: var(--soft); border-radius: .375rem; }
.table { overflow: auto; }
table { width: 100%; min-width: 34rem; border-collapse: collapse; font-size: 14px; }
th, td { padding: .375rem .75rem .375rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { color: var(--dim); font-weight: 600; }
details { margin: .25rem 0; }
summary { cursor: pointer; padding: .25rem 0; }
.bare { margin: .25rem 0; padding: .25rem 0; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
@media (min-width: 60rem) {
  body { display: grid; grid-template-columns: 17rem minmax(0, 1fr); }
  nav { position: sticky; top: 0; height: 100vh; overflow: auto; border: 0; border-right: 1px solid var(--line); }
  main { padding: 1rem 2.5rem 4rem; }
  nav li { padding: .125rem 0; }
  @supports selector(::details-content) {
    .list > summary { display: none; }
    .list::details-content { content-visibility: visible; }
  }
}
`;

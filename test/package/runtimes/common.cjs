// The same in CommonJS. `shop.cjs` is made of `shop.mjs`.
const { core } = require("./shop.cjs");

const entries = process.argv.slice(2).filter((entry) => Object.keys(require(entry)).length > 0);
core().then((said) => console.log(JSON.stringify({ core: said, entries })));

// Reads an AsyncAPI document from standard input with the official parser, and prints what it says of it as JSON:
// {"severity": 0 error | 1 warning | 2 information | 3 hint, "code", "message", "path"}.
import { text } from "node:stream/consumers";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(await text(process.stdin));
const said = diagnostics.map(({ severity, code, message, path }) => ({ severity, code, message, path: path.join("/") }));
const channels = document === undefined ? 0 : document.channels().length;
const operations = document === undefined ? 0 : document.operations().length;
console.log(JSON.stringify({ diagnostics: said, channels, operations }));

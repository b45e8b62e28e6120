// Canonicalises documents with jsonld.js. Input: a line of JSON {contexts: {url: document}}, then a document a line.
// Output: for each document a line of JSON, its canonical N-Quads, or {"error": "..."}.
import {createInterface} from 'node:readline';
import jsonld from 'jsonld';

let contexts = null;
const documentLoader = async url => {
  if (!contexts[url]) throw new Error(`not among the contexts: ${url}`);
  return {contextUrl: null, documentUrl: url, document: contexts[url]};
};

for await (const line of createInterface({input: process.stdin})) {
  const given = JSON.parse(line);
  if (contexts === null) {
    contexts = given.contexts;
    continue;
  }
  let answer;
  try {
    const options = {algorithm: 'RDFC-1.0', format: 'application/n-quads', documentLoader, base: null, safe: true};
    answer = await jsonld.canonize(given, options);
  } catch (error) {
    answer = {error: `${error.name}: ${error.message}`};
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

// Issues and verifies credentials with @digitalbazaar/vc, and says how long it took. Input on stdin:
// {"credentials": [...], "contexts": {"https://...": {...}}, "issuer": {...DID document...}, "seed": hex, "date": "..."}
// Output on stdout: {"issuing": seconds, "verifying": seconds, "proofs": ["z..."]}; the first tenth warms up, untimed.
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import {contexts as didContexts} from 'did-context';

const given = JSON.parse(await new Response(process.stdin).text());
const [method] = given.issuer.verificationMethod;
const documents = {...given.contexts, [given.issuer.id]: given.issuer};
documents[method.id] = {'@context': 'https://w3id.org/security/multikey/v1', ...method};

const documentLoader = async url => {
  const document = documents[url] ?? didContexts.get(url);
  if (!document) throw new Error(`not among the documents: ${url}`);
  return {contextUrl: null, documentUrl: url, document};
};
const key = await Ed25519Multikey.generate({
  seed: Uint8Array.from(Buffer.from(given.seed, 'hex')), id: method.id, controller: given.issuer.id,
});
const now = given.date;

async function timed(items, work) {
  const done = [];
  for (const item of items.slice(0, Math.ceil(items.length / 10))) await work(structuredClone(item));
  const copies = structuredClone(items);
  const began = process.hrtime.bigint();
  for (const item of copies) done.push(await work(item));
  return [Number(process.hrtime.bigint() - began) / 1e9, done];
}

const [issuing, issued] = await timed(given.credentials, credential => vc.issue({
  credential, suite: new DataIntegrityProof({signer: key.signer(), date: now, cryptosuite}), documentLoader, now,
}));
const [verifying, verdicts] = await timed(issued, credential => vc.verifyCredential({
  credential, suite: new DataIntegrityProof({cryptosuite}), documentLoader, now, checkStatus: async () => ({verified: true}),
}));
const refused = verdicts.filter(verdict => !verdict.verified);
if (refused.length) throw new Error(`it refuses its own: ${refused[0].error}`);
process.stdout.write(JSON.stringify({issuing, verifying, proofs: issued.map(each => each.proof.proofValue)}));

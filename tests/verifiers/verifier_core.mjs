// Verifies credentials with @digitalcredentials/verifier-core. Input on stdin:
// {"credentials": [...], "documents": {"https://...": {...}}, "issuers": ["did:..."]}
// Output on stdout, for each: {"errors": ["..."], "steps": {"valid_signature": true, ...}, "schema": true|false|null}.
// It would fetch DID documents, status lists and schemas by https: all of them come from the documents instead.
const given = JSON.parse(await new Response(process.stdin).text());

const registry = 'https://registry.example/registry.json';
const known = Object.fromEntries(given.issuers.map(did => [did, {name: did, location: 'x', url: 'https://x.example'}]));
const documents = {...given.documents, [registry]: {meta: {created: '2026-01-01', updated: '2026-01-01'}, registry: known}};

globalThis.fetch = async request => {
  const url = String(request.url ?? request);
  if (!documents[url]) return new Response('', {status: 404});
  return new Response(JSON.stringify(documents[url]), {headers: {'Content-Type': 'application/json'}});
};
console.log = () => {};
const {verifyCredential} = await import('@digitalcredentials/verifier-core');

const verdicts = [];
for (const credential of given.credentials) {
  const knownDIDRegistries = [{name: 'known', type: 'dcc-legacy', url: registry}];
  const result = await verifyCredential({credential, knownDIDRegistries});
  const steps = Object.fromEntries((result.log ?? []).map(step => [step.id, step.error ? step.error.name : step.valid]));
  const schemas = result.additionalInformation?.[0]?.results;
  const schema = Array.isArray(schemas) ? schemas.every(each => each.result.valid) : null;
  verdicts.push({errors: (result.errors ?? []).map(error => `${error.name}: ${error.message}`), steps, schema});
}
process.stdout.write(JSON.stringify(verdicts));

// Verifies one credential with the packages of Digital Bazaar. Input on stdin:
// {"credential": {...}, "documents": {"https://...": {...}, "did:web:...": {...}}}
// Output on stdout: {"verified": bool, "status": [true|false per entry], "errors": ["..."]}.
// Nothing is fetched: what is not among the documents cannot be loaded.
import {contexts as didContexts} from 'did-context';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import {checkStatus} from '@digitalbazaar/vc-bitstring-status-list';

const MULTIKEY = 'https://w3id.org/security/multikey/v1';

async function read(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

function loaderOf(documents) {
  return async url => {
    const [base, fragment] = url.split('#');
    let document = documents[url] ?? didContexts.get(url);
    if (!document && fragment && documents[base]) {
      const method = documents[base].verificationMethod?.find(each => each.id === url);
      document = method && {'@context': MULTIKEY, ...method};
    }
    if (!document) throw new Error(`not among the documents: ${url}`);
    return {contextUrl: null, documentUrl: url, document};
  };
}

function errorsOf(result) {
  const found = [];
  for (const error of [result.error, ...(result.error?.errors ?? [])]) {
    if (error) found.push(`${error.name}: ${error.message}`);
  }
  return found;
}

const {credential, documents} = await read(process.stdin);
const documentLoader = loaderOf(documents);
const suite = new DataIntegrityProof({cryptosuite});
const result = await vc.verifyCredential({
  credential,
  suite,
  documentLoader,
  checkStatus: options => checkStatus({...options, verifyBitstringStatusListCredential: true}),
});
// A set bit leaves `verified` true: only the entries say it.
const status = (result.statusResult?.results ?? []).map(each => each.status);
process.stdout.write(JSON.stringify({verified: result.verified, status, errors: errorsOf(result)}));

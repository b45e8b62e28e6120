// A wallet and a verifier out of the packages of the OpenWallet Foundation. Input on stdin:
// {"link": "openid-credential-offer://...", "transactionCode": "...", "origin": "https://...", "server": "http://...",
//  "copies": 2, "disclose": ["family_name"], "nonce": "...", "audience": "..."} takes an offer and presents the first copy;
// {"presentation": "...", "origin", "server", "nonce", "audience"} verifies a presentation;
// {"presentations": [...], "documents": {"https://...": ...}, "now": seconds, "nonce", "audience"} several, without network.
// Output on stdout: {"credentials": [...], "presentation": "...", "claims": {...}}, {"errors": ["..." or null for each]}
// or {"error": "...", "code": "..."}.
import {webcrypto} from 'node:crypto';
import {clientAuthenticationAnonymous} from '@openid4vc/oauth2';
import {Openid4vciClient} from '@openid4vc/openid4vci';
import {SDJwtVcInstance} from '@sd-jwt/sd-jwt-vc';

const {subtle} = webcrypto;
const P256 = {name: 'ECDSA', namedCurve: 'P-256'};
const ES256 = {name: 'ECDSA', hash: 'SHA-256'};
const bytes = text => new TextEncoder().encode(text);
const base64url = data => Buffer.from(data).toString('base64url');
const parsed = part => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));

async function read(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

const input = await read(process.stdin);
// The public address is answered by the server of the test; with documents, nothing is fetched.
async function reach(url, options) {
  if (!input.documents) return fetch(String(url).replace(input.origin, input.server), options);
  const found = input.documents[String(url)];
  if (found === undefined) throw new Error(`nothing at ${url}`);
  const text = typeof found === 'string';
  const type = text ? 'application/statuslist+jwt' : 'application/json';
  return new Response(text ? found : JSON.stringify(found), {headers: {'Content-Type': type}});
}

async function newKey() {
  const pair = await subtle.generateKey(P256, true, ['sign', 'verify']);
  const {kty, crv, x, y} = await subtle.exportKey('jwk', pair.publicKey);
  return {pair, jwk: {kty, crv, x, y}};
}

async function sign(key, data) {
  return base64url(await subtle.sign(ES256, key.pair.privateKey, bytes(data)));
}

async function verify(jwk, data, signature) {
  const {kty, crv, x, y} = jwk;
  const key = await subtle.importKey('jwk', {kty, crv, x, y}, P256, false, ['verify']);
  return subtle.verify(ES256, key, Buffer.from(signature, 'base64url'), bytes(data));
}

function callbacksOf(keys) {
  const unused = async () => { throw new Error('not part of this flow'); };
  return {
    fetch: reach,
    hash: async (data, algorithm) => new Uint8Array(await subtle.digest(algorithm.toUpperCase(), data)),
    generateRandom: async length => webcrypto.getRandomValues(new Uint8Array(length)),
    clientAuthentication: clientAuthenticationAnonymous(),
    verifyJwt: unused, encryptJwe: unused, decryptJwe: unused,
    signJwt: async (signer, {header, payload}) => {
      const key = keys.find(each => each.jwk.x === signer.publicJwk.x);
      const content = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(payload))}`;
      return {jwt: `${content}.${await sign(key, content)}`, signerJwk: key.jwk};
    },
  };
}

async function take() {
  const keys = await Promise.all(Array.from({length: input.copies ?? 1}, newKey));
  const client = new Openid4vciClient({callbacks: callbacksOf(keys)});
  const credentialOffer = await client.resolveCredentialOffer(input.link);
  const issuerMetadata = await client.resolveIssuerMetadata(credentialOffer.credential_issuer);
  const {accessTokenResponse} = await client.retrievePreAuthorizedCodeAccessTokenFromOffer(
    {credentialOffer, issuerMetadata, txCode: input.transactionCode});
  const [credentialConfigurationId] = credentialOffer.credential_configuration_ids;
  const {c_nonce: nonce} = await client.requestNonce({issuerMetadata});
  const proofs = [];
  for (const key of keys) {
    const signer = {method: 'jwk', publicJwk: key.jwk, alg: 'ES256'};
    proofs.push((await client.createCredentialRequestJwtProof(
      {issuerMetadata, credentialConfigurationId, nonce, signer})).jwt);
  }
  const accessToken = accessTokenResponse.access_token;
  let {credentialResponse} = await client.retrieveCredentials(
    {issuerMetadata, accessToken, credentialConfigurationId, proofs: {jwt: proofs}});
  const deferred = Boolean(credentialResponse.transaction_id);
  while (credentialResponse.transaction_id) {
    const transactionId = credentialResponse.transaction_id;
    ({deferredCredentialResponse: credentialResponse} = await client.retrieveDeferredCredentials(
      {issuerMetadata, accessToken, transactionId}));
  }
  const credentials = credentialResponse.credentials.map(each => each.credential ?? each);
  const holder = new SDJwtVcInstance({
    hasher, kbSigner: data => sign(keys[0], data), kbSignAlg: 'ES256', saltGenerator: () => 'unused',
  });
  const frame = Object.fromEntries((input.disclose ?? []).map(name => [name, true]));
  const payload = {iat: Math.floor(Date.now() / 1000), aud: input.audience, nonce: input.nonce};
  const presentation = await holder.present(credentials[0], frame, {kb: {payload}});
  return {deferred, credentials, presentation};
}

const hasher = async (data, algorithm) =>
  new Uint8Array(await subtle.digest(algorithm.toUpperCase(), typeof data === 'string' ? bytes(data) : data));

async function keyOf(token) {
  const [header, payload] = token.split('.').slice(0, 2).map(parsed);
  const issuer = new URL(payload.iss);
  const path = issuer.pathname === '/' ? '' : issuer.pathname;
  const address = `${issuer.origin}/.well-known/jwt-vc-issuer${path}`;
  const metadata = await (await reach(address)).json();
  if (metadata.issuer !== payload.iss) throw new Error('the metadata is another issuer\'s');
  const key = metadata.jwks.keys.find(each => each.kid === header.kid);
  if (!key) throw new Error('the issuer has no such key');
  return key;
}

async function judge(presentation) {
  const issuerKey = await keyOf(presentation.split('~')[0]);
  const verifier = new SDJwtVcInstance({
    hasher,
    verifier: (data, signature) => verify(issuerKey, data, signature),
    kbVerifier: (data, signature, payload) => verify(payload.cnf.jwk, data, signature),
    statusVerifier: (data, signature) => verify(issuerKey, data, signature),
    statusListFetcher: async address => {
      const answer = await reach(address, {headers: {Accept: 'application/statuslist+jwt'}});
      if (!answer.headers.get('content-type').startsWith('application/statuslist+jwt')) {
        throw new Error('not a status list');
      }
      return answer.text();
    },
  });
  const currentDate = input.now ?? Math.floor(Date.now() / 1000);
  const {payload, kb} = await verifier.verify(presentation, {keyBindingNonce: input.nonce, currentDate});
  if (kb?.payload.aud !== input.audience) throw new Error('presented to somebody else');
  return {claims: payload};
}

async function judgeAll() {
  const errors = [];
  for (const each of input.presentations) {
    errors.push(await judge(each).then(() => null, error => `${error.name}: ${error.message}`));
  }
  return {errors};
}

try {
  process.stdout.write(JSON.stringify(
    await (input.link ? take() : input.presentations ? judgeAll() : judge(input.presentation))));
} catch (error) {
  const code = error.errorResponse?.error ?? error.response?.credentialErrorResponseResult?.data?.error;
  process.stdout.write(JSON.stringify({error: `${error.name}: ${error.message}`, code}));
}

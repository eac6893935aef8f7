// Passkeys: the browser's own dialogue, with what the city asks for. Its bytes travel as base64url.

type Json = Record<string, unknown>;

function bytes(text: unknown): ArrayBuffer {
  const plain = atob(String(text).replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (char) => char.charCodeAt(0)).buffer;
}

export function base64url(buffer: ArrayBuffer | null): string {
  if (!buffer) return "";
  const plain = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function descriptors(list: unknown): PublicKeyCredentialDescriptor[] {
  return ((list ?? []) as Json[]).map((one) => ({ ...one, id: bytes(one["id"]) }) as PublicKeyCredentialDescriptor);
}

export const passkeysWork = typeof PublicKeyCredential !== "undefined";

/** A new passkey on this device. Null: it was not made. */
export async function makePasskey(options: Json): Promise<Json | null> {
  const user = options["user"] as Json;
  const publicKey = {
    ...options,
    challenge: bytes(options["challenge"]),
    user: { ...user, id: bytes(user["id"]) },
    excludeCredentials: descriptors(options["excludeCredentials"]),
  } as unknown as PublicKeyCredentialCreationOptions;
  const made = await navigator.credentials.create({ publicKey }).catch(() => null);
  if (!(made instanceof PublicKeyCredential) || !(made.response instanceof AuthenticatorAttestationResponse)) return null;
  return {
    ...head(made),
    response: {
      clientDataJSON: base64url(made.response.clientDataJSON),
      attestationObject: base64url(made.response.attestationObject),
      transports: made.response.getTransports(),
    },
  };
}

/** A passkey's word that its owner is here. Null: it was not given. */
export async function showPasskey(options: Json): Promise<Json | null> {
  const publicKey = {
    ...options,
    challenge: bytes(options["challenge"]),
    allowCredentials: descriptors(options["allowCredentials"]),
  } as unknown as PublicKeyCredentialRequestOptions;
  const given = await navigator.credentials.get({ publicKey }).catch(() => null);
  if (!(given instanceof PublicKeyCredential) || !(given.response instanceof AuthenticatorAssertionResponse)) return null;
  return {
    ...head(given),
    response: {
      clientDataJSON: base64url(given.response.clientDataJSON),
      authenticatorData: base64url(given.response.authenticatorData),
      signature: base64url(given.response.signature),
      userHandle: base64url(given.response.userHandle) || null,
    },
  };
}

function head(credential: PublicKeyCredential): Json {
  return {
    id: credential.id,
    rawId: base64url(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
    authenticatorAttachment: credential.authenticatorAttachment,
  };
}

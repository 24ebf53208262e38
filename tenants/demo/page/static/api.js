// One call to the API, and all that a page can learn of it.

export async function call(url, token) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const exchange = { method: "GET", url: new URL(url), token, at: new Date() };
  const started = performance.now();
  try {
    const response = await fetch(url, { headers, cache: "no-store" });
    const text = await response.text();
    return {
      ...exchange,
      ms: performance.now() - started,
      status: response.status,
      headers: [...response.headers],
      header: (name) => response.headers.get(name),
      body: parse(text),
    };
  } catch {
    // The browser says no more than this, on purpose: not even that there was an answer.
    return { ...exchange, ms: performance.now() - started, status: 0, headers: [], body: null };
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

// Reads `"user";r=7;t=24, "team";q=8` (structured fields) into {name, r, t}.
export function readFields(value) {
  return [...(value ?? "").matchAll(/"([^"]*)"((?:;[a-z]+=\d+)*)/g)].map(([, name, rest]) => ({
    name,
    ...Object.fromEntries(rest.split(";").filter(Boolean).map((pair) => {
      const [key, number] = pair.split("=");
      return [key, Number(number)];
    })),
  }));
}

// Decodes a token without any check: this page only shows what the API will verify.
export function decode(token) {
  const [header, claims] = token.split(".").map(decodeSegment);
  return { header, claims };
}

function decodeSegment(segment, index) {
  if (index > 1) return null;
  const binary = atob(segment.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

// The event stream, kept open. fetch() and not EventSource, because that cannot send a token. Each
// opening begins with everything, so a connection that was lost needs no other repair.

const SILENCE_MS = 8000; // the gateway says something every two seconds
const RETRY_MS = [1000, 2000, 5000, 10000];

export function authorised() {
  const token = sessionStorage.getItem('parkd.token');
  return token ? { Authorization: `Bearer ${token}` } : {};
}

// Calls `tell(event, data)` for each complete event of `text`; returns the incomplete rest.
function split(text, tell) {
  const blocks = text.split('\n\n');
  const rest = blocks.pop();
  for (const block of blocks) {
    const event = /^event: (.*)$/m.exec(block);
    const data = /^data: (.*)$/m.exec(block);
    if (event && data) tell(event[1], JSON.parse(data[1]));
  }
  return rest;
}

async function read(response, control, tell) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  let silence;
  try {
    for (;;) {
      silence = setTimeout(() => control.abort(), SILENCE_MS);
      const { value, done } = await reader.read();
      clearTimeout(silence);
      if (done) return;
      rest = split(rest + value, tell);
    }
  } finally {
    clearTimeout(silence);
  }
}

// hooks: opened(), event(name, data), lost(), refused() → a promise to wait for before going on.
export async function keepOpen(hooks) {
  for (let failures = 0; ; failures++) {
    const control = new AbortController();
    const opening = setTimeout(() => control.abort(), SILENCE_MS);
    try {
      const response = await fetch('/api/v1/events?snapshot=1',
        { headers: authorised(), signal: control.signal, cache: 'no-store' });
      clearTimeout(opening);
      if (response.status === 401) {
        await hooks.refused();
        continue;
      }
      if (response.ok) {
        await hooks.opened();
        failures = 0;
        await read(response, control, hooks.event);
      }
    } catch { /* told below, as every other end of a connection */ }
    clearTimeout(opening);
    hooks.lost();
    await new Promise((go) => setTimeout(go, RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]));
  }
}

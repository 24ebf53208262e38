// Texts that count down: each is written anew every second until its time has come.

const running = new Map();

export function countDown(element, seconds, during, after) {
  running.set(element, { ends: Date.now() + seconds * 1000, during, after });
  write(element);
}

export function stop(element) {
  running.delete(element);
  element.textContent = "";
}

function write(element) {
  const { ends, during, after } = running.get(element);
  const left = Math.ceil((ends - Date.now()) / 1000);
  element.textContent = left > 0 ? during(left) : after;
  if (left <= 0) running.delete(element);
}

setInterval(() => [...running.keys()].forEach(write), 250);

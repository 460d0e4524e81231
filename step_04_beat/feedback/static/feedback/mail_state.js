// Спрашивает сервер, что с письмом, и показывает ответ: сначала раз в секунду, потом всё реже.

const TEXTS = {
  PENDING: "Письмо ждёт в очереди, или прошло больше суток и сведений о нём уже нет.",
  STARTED: "Письмо отправляется…",
  RETRY: "Письмо пока не ушло. Оно снова в очереди: попробуем ещё раз.",
  SUCCESS: "Письмо отправлено.",
  FAILURE: "Письмо отправить не удалось.",
};
const LONGEST_PAUSE = 15_000;
const GIVE_UP_AFTER = 30 * 60_000;

const element = document.querySelector("#mail-state");

function show(text) {
  // Программа чтения с экрана произносит каждое изменение, поэтому зря текст не меняем.
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

async function fetchState() {
  const response = await fetch(element.dataset.url);
  return (await response.json()).state;
}

async function follow(pause) {
  const state = await fetchState().catch(() => null);
  show(TEXTS[state] ?? "Сейчас не узнать, что с письмом. Спросим ещё раз.");
  if (state === "SUCCESS" || state === "FAILURE") {
    return;
  }
  if (performance.now() > GIVE_UP_AFTER) {
    show("Письмо всё ещё не отправлено. Обновите страницу позже, чтобы узнать о нём.");
    return;
  }
  setTimeout(follow, pause, Math.min(pause * 1.3, LONGEST_PAUSE));
}

follow(1000);

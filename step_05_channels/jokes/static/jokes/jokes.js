// Держит WebSocket открытым и показывает шутки, которые по нему приходят.

const MOST_JOKES = 50;
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;
// Три промежутка расписания: если шутки будут реже, увеличьте и это число.
const LONGEST_SILENCE = 45_000;

const connection = document.querySelector("#connection");
const jokes = document.querySelector("#jokes");
const scheme = location.protocol === "https:" ? "wss:" : "ws:";
const url = `${scheme}//${location.host}/ws/jokes/`;

let pause = FIRST_PAUSE;

function showConnection(text, isOpen) {
  connection.textContent = text;
  connection.classList.toggle("open", isOpen);
}

function addJoke(text) {
  document.querySelector("#waiting")?.remove();
  const article = document.createElement("article");
  // textContent, а не innerHTML: разметка в шутке остаётся текстом.
  article.textContent = text;
  jokes.prepend(article);
  while (jokes.children.length > MOST_JOKES) {
    jokes.lastChild.remove();
  }
}

function connect() {
  const socket = new WebSocket(url);
  let silence;

  // Соединение бывает открыто, но уже ни с чем не связано: например, после перезапуска Redis.
  function expectJoke() {
    clearTimeout(silence);
    silence = setTimeout(reconnect, LONGEST_SILENCE);
  }

  function reconnect() {
    clearTimeout(silence);
    // Оборванное соединение закрывается долго, поэтому его закрытия не ждём.
    socket.onclose = null;
    socket.close();
    showConnection("Связи с сервером нет. Соединяемся заново…", false);
    // Паузы растут и случайно различаются, чтобы все страницы не пришли разом.
    setTimeout(connect, pause * (0.5 + Math.random() / 2));
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }

  socket.onopen = () => showConnection("Связь с сервером есть.", true);
  socket.onmessage = (event) => {
    pause = FIRST_PAUSE;
    addJoke(event.data);
    expectJoke();
  };
  socket.onclose = reconnect;
  expectJoke();
}

connect();

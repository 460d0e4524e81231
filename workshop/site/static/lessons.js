// Поиск находит слова, а в каталог ошибок приходят с текстом, скопированным из терминала.
// В нём бывают числа и пути, которых в каталоге нет, поэтому берётся самая похожая запись.

const LEAST_SHARE = 0.4;

function wordsOf(text) {
  return new Set(text.toLowerCase().match(/[\p{L}_]{2,}/gu) ?? []);
}

function findKnownError(query, entries) {
  const known = entries.map((entry) => ({ ...entry, words: wordsOf(entry.text) }));
  // Чем реже слово, тем больше оно говорит.
  const weight = (word) =>
    Math.log(1 + entries.length / (1 + known.filter((entry) => entry.words.has(word)).length));
  const words = [...wordsOf(query)];
  const sum = (some) => some.reduce((total, word) => total + weight(word), 0);
  const all = sum(words);
  const scored = known.map((entry) => {
    const inTitle = wordsOf(entry.title);
    const found = words.filter((word) => entry.words.has(word));
    const exact = entry.text.includes(query.trim()) ? all : 0;
    const titled = sum(words.filter((word) => inTitle.has(word)));
    return { ...entry, share: sum(found) / all, score: sum(found) + exact + titled / 2 };
  });
  scored.sort((one, other) => other.score - one.score);
  // Два русских слова — ещё не ошибка.
  const least = /[а-яё]/i.test(query) ? 3 : 2;
  return words.length >= least && scored[0]?.share >= LEAST_SHARE ? scored[0] : undefined;
}

function showKnownError() {
  const query = new URLSearchParams(location.search).get("q");
  const results = document.querySelector("#search-results");
  const entry = results && query && findKnownError(query, window.knownErrors);
  if (!entry) {
    return;
  }
  const link = document.createElement("a");
  link.href = `errors.html#${entry.anchor}`;
  link.textContent = entry.title;
  const paragraph = document.createElement("p");
  paragraph.className = "known-error";
  paragraph.append("Об этом в каталоге ошибок: ", link);
  results.before(paragraph);
}

document.addEventListener("DOMContentLoaded", showKnownError);

// Блок, который прокручивают вбок, прокручивают и с клавиатуры.
function reachScrolledBlocks() {
  for (const block of document.querySelectorAll(".highlight pre")) {
    if (block.scrollWidth > block.clientWidth) {
      block.tabIndex = 0;
    } else {
      block.removeAttribute("tabindex");
    }
  }
}

addEventListener("load", reachScrolledBlocks);
addEventListener("resize", reachScrolledBlocks);

// На бумаге ответы и решения раскрыты.
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) {
    details.open = true;
  }
});

// The sliders of a project's page: each number gets one beside it, and the result is fetched again while it is dragged.

const form = document.querySelector<HTMLFormElement>("#sliders");
const result = document.querySelector<HTMLElement>("#result");
const address = form?.dataset.result;

if (form && result && address) enliven(form, result, address);

function enliven(form: HTMLFormElement, result: HTMLElement, address: string): void {
  let asking: AbortController | undefined;
  let wanted = 0;

  async function answer(): Promise<void> {
    wanted = 0;
    asking?.abort();
    const mine = (asking = new AbortController());
    const query = new URLSearchParams(new FormData(form) as unknown as Record<string, string>);
    history.replaceState(null, "", `?${query}`);
    try {
      const given = await fetch(`${address}?${query}`, { signal: mine.signal, headers: { Accept: "text/html" } });
      const text = await given.text();
      // The same template on this host as the page itself, in which all that people wrote is escaped.
      if (!mine.signal.aborted) result.innerHTML = text;
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
    }
  }

  const soon = (): void => {
    wanted ||= requestAnimationFrame(() => void answer());
  };

  for (const number of form.querySelectorAll<HTMLInputElement>("input[type=number]")) {
    const { low, high, step } = number.dataset;
    const slider = Object.assign(document.createElement("input"), { type: "range", min: low, max: high, step, value: number.value });
    slider.setAttribute("aria-label", number.labels?.[0]?.textContent ?? number.name);
    number.after(slider);
    slider.addEventListener("input", () => {
      number.value = slider.value;
      soon();
    });
    number.addEventListener("input", () => {
      slider.value = number.value;
      soon();
    });
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    soon();
  });
}

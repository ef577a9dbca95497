// Which of the bundled entries load in a worker or in a page: 0.mjs, 1.mjs, and so on.
export async function loaded(count) {
  const numbers = [];
  for (let number = 0; number < count; number += 1) {
    const names = await import(`./${number}.mjs`).then(Object.keys, () => []);
    if (names.length > 0) numbers.push(number);
  }
  return numbers;
}

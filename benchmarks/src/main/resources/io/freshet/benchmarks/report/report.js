(() => {
  "use strict";
  const data = JSON.parse(document.getElementById("data").textContent);
  const HEIGHT = 260;

  /** Three digits and the largest of the units, smallest first, that leaves at least 1 of it. */
  const scaled = (value, step, units) => {
    if (value == null) return "–";
    let left = value, at = 0;
    while (Math.abs(left) >= step && at < units.length - 1) { left /= step; at++; }
    const digits = left === 0 || Math.abs(left) >= 100 ? 0 : Math.abs(left) >= 10 ? 1 : 2;
    return String(Number(left.toFixed(digits))) + units[at];
  };
  const rate = value => scaled(value, 1000, ["/s", " k/s", " M/s", " G/s"]);
  const count = value => value == null ? "–" : Math.round(value).toLocaleString("en");
  const bytes = value => scaled(value, 1024, [" B", " KiB", " MiB", " GiB"]);
  const duration = us => us == null ? "–" : us < 1 ? scaled(us * 1000, 1000, [" ns", " µs"]) : scaled(us, 1000, [" µs", " ms", " s"]);
  const percent = value => value == null ? "–" : Math.round(value) + " %";
  const seconds = value => value == null ? "–" : Number(value.toFixed(1)) + " s";
  const isPowerOfTen = value => Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9;
  const percentile = inverse => {
    if (inverse == null) return "–";
    const nines = Math.max(0, Math.ceil(Math.log10(inverse) - 1e-9) - 2);
    return String(Number((100 * (1 - 1 / inverse)).toFixed(nines + 1)));
  };

  const color = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const positive = values => values.map(value => value > 0 ? value : null);
  const column = name => data.timeline.map(sample => sample[name]);
  const isAnywhere = values => values.some(value => value > 0);

  const axis = (text, more) => Object.assign({
    stroke: color("--faint"), grid: { stroke: color("--line"), width: 1 }, ticks: { stroke: color("--line"), width: 1 },
    values: (plot, splits) => splits.map(value => value == null ? "" : text(value)),
  }, more);
  const line = (label, name, text, more) => Object.assign({
    label, stroke: color(name), width: 2, points: { show: data.timeline.length < 40, size: 5 }, value: (plot, value) => text(value),
  }, more);
  const decades = (plot, splits) => splits.map(value => value != null && isPowerOfTen(value) ? value : null);
  const logAxis = (text, more) => axis(text, Object.assign({
    size: 70, filter: decades,
    grid: { stroke: color("--line"), width: 1, filter: decades }, ticks: { stroke: color("--line"), width: 1, filter: decades },
  }, more));
  const fromZero = (plot, min, max) => [0, max > 0 ? max * 1.08 : 1];

  const overTime = (series, axes, scales, columns) => ({
    options: {
      scales: Object.assign({ x: { time: false } }, scales),
      axes: [axis(seconds)].concat(axes),
      series: [{ label: "at", value: (plot, value) => seconds(value) }].concat(series),
    },
    columns: [column("atS")].concat(columns),
  });

  const plots = [
    ["rate", "Rate", "one sample a second, warm-up included", () => {
      const published = column("publishedPerS"), delivered = column("deliveredPerS");
      if (!isAnywhere(delivered)) {
        return overTime([line("published", "--one", rate)], [axis(rate, { size: 70 })], { y: { range: fromZero } }, [published]);
      }
      return overTime(
        [line("delivered", "--one", rate), line("published", "--two", rate, { scale: "p", dash: [6, 4] })],
        [axis(rate, { size: 70, stroke: color("--one") }),
          axis(rate, { size: 70, scale: "p", side: 1, stroke: color("--two"), grid: { show: false } })],
        { y: { range: fromZero }, p: { range: fromZero } }, [delivered, published]);
    }],
    ["users", "Users", "open connections", () => overTime(
      [line("users", "--one", count)], [axis(count, { size: 70 })], { y: { range: fromZero } }, [column("users")])],
    ["latency", "Latency over time", "of each second alone", () => isAnywhere(column("maxUs")) && overTime(
      [line("p50", "--one", duration), line("p99", "--two", duration), line("max", "--three", duration)],
      [logAxis(duration)], { y: { distr: 3, log: 10 } },
      [positive(column("p50Us")), positive(column("p99Us")), positive(column("maxUs"))])],
    ["cpu", "Processors", "100 % is one of them, busy all the time", () => overTime(
      [line("server", "--one", percent), line("load generator", "--two", percent)],
      [axis(percent, { size: 70 })], { y: { range: fromZero } }, [column("serverCpuPercent"), column("loadCpuPercent")])],
    ["memory", "Resident memory of the server", "", () => isAnywhere(column("serverResidentBytes")) && overTime(
      [line("resident", "--one", bytes)], [axis(bytes, { size: 80, incrs: Array.from({ length: 50 }, (none, i) => 2 ** i) })],
      { y: { range: fromZero } }, [column("serverResidentBytes")])],
    ["distribution", "Latency distribution", "by percentile, all of the measured part", () => {
      const { inverse, series } = data.distribution;
      return series.length > 0 && {
        options: {
          scales: { x: { time: false, distr: 3, log: 10 }, y: { distr: 3, log: 10 } },
          // On a phone every other label has room.
          axes: [logAxis(percentile, {
            values: (plot, splits) => splits.map(value =>
              value == null || plot.width < 420 && Math.round(Math.log10(value)) % 2 > 0 ? "" : percentile(value)),
            size: 50, font: "11px system-ui, sans-serif" }), logAxis(duration)],
          padding: [null, 28, null, null],
          series: [{ label: "percentile", value: (plot, value) => percentile(value) + (value == null ? "" : " %") }].concat(series.map((each, i) =>
            line(each.name, ["--one", "--two", "--three"][i % 3], duration, { points: { show: false } }))),
        },
        columns: [inverse].concat(series.map(each => positive(each.valuesUs))),
      };
    }],
  ];

  const shown = new Map();
  const draw = ([id, title, note, make]) => {
    const figure = document.getElementById(id);
    const made = make();
    if (shown.has(id)) shown.get(id).destroy();
    figure.replaceChildren();
    if (!made) return;
    const caption = document.createElement("figcaption");
    const small = document.createElement("small");
    small.textContent = note;
    caption.append(title + " ", small);
    figure.append(caption);
    const options = Object.assign({ width: figure.clientWidth - 16, height: HEIGHT, cursor: { drag: { x: true, y: false } } }, made.options);
    shown.set(id, new uPlot(options, made.columns, figure));
  };
  const drawAll = () => plots.forEach(draw);

  drawAll();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  new ResizeObserver(() => shown.forEach((plot, id) => {
    const width = document.getElementById(id).clientWidth - 16;
    if (width > 0 && width !== plot.width) plot.setSize({ width, height: HEIGHT });
  })).observe(document.querySelector(".plots"));
})();

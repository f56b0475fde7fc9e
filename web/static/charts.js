// Charts of the console. Data come from the page itself: tables and data attributes, never inline script.
"use strict";
(() => {
  if (!window.echarts) return;
  const DAY = 86400000;
  const isTouch = matchMedia("(pointer: coarse)").matches;

  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const font = () => getComputedStyle(document.body).fontFamily;
  const bubble = () => ({
    confine: true,
    backgroundColor: color("card"),
    borderColor: color("line"),
    textStyle: { color: color("text"), fontSize: 13, fontFamily: font() },
  });

  function drawTrend(box) {
    const rows = [...document.querySelectorAll(`#${box.dataset.table} tbody tr`)].reverse();
    const days = rows.map((row) => row.cells[0].textContent);
    const numbers = (key) => rows.map((row) => (row.dataset[key] === "" ? null : Number(row.dataset[key])));
    const chart = window.echarts.init(box, null, { renderer: "svg" });
    const words = (index) => {
      const cell = (number) => rows[index].cells[number].textContent;
      return `${cell(0)}\n达标率 ${cell(2)}（${cell(1)}）\n无数据 ${cell(3)} 群 · 发布 ${cell(4)} 条`;
    };
    const draw = () =>
      chart.setOption({
        animation: false,
        aria: {
          enabled: true,
          label: { description: `近 ${days.length} 天群达标率与无数据群占比，逐日数字见下方数据表。` },
          decal: { show: true, decals: [{ color: "transparent" }, { color: color("nodata-line"), dashArrayX: [1, 0], dashArrayY: [2, 3], rotation: -Math.PI / 4 }] },
        },
        grid: { left: 44, right: 12, top: 14, bottom: 26 },
        tooltip: { ...bubble(), trigger: "axis", renderMode: "richText", formatter: (items) => words(items[0].dataIndex) },
        xAxis: {
          type: "category",
          data: days,
          axisLine: { lineStyle: { color: color("line") } },
          axisTick: { show: false },
          axisLabel: { color: color("dim"), fontSize: 12, fontFamily: font(), hideOverlap: true, showMaxLabel: true },
        },
        yAxis: {
          type: "value",
          min: 0,
          max: 100,
          interval: 25,
          axisLabel: { color: color("dim"), fontSize: 12, fontFamily: font(), formatter: "{value}%" },
          splitLine: { lineStyle: { color: color("line") } },
        },
        series: [
          { type: "line", name: "群达标率", data: numbers("percent"), symbol: "circle", symbolSize: 5, lineStyle: { width: 2.5 }, color: color("met-fill"), z: 3 },
          { type: "bar", name: "无数据群占比", data: numbers("unknown"), color: color("hatch"), barWidth: "60%" },
        ],
      });
    follow(box, chart, draw);
  }

  // Area is the number of groups; a state is told by colour, pattern and word. A tile opens its unit.
  function drawTree(box) {
    const rows = [...document.querySelectorAll(`#${box.dataset.table} tbody tr`)];
    const chart = window.echarts.init(box, null, { renderer: "svg" });
    const stripes = (pitch, rotation) => ({ color: color("card"), dashArrayX: [1, 0], dashArrayY: [1.5, pitch], rotation });
    const draw = () => {
      const looks = {
        met: { color: color("met-bg"), text: color("met") },
        unmet: { color: color("unmet-bg"), text: color("unmet"), decal: stripes(5, Math.PI / 4) },
        due: { color: color("topic-bg"), text: color("topic"), decal: stripes(9, 0) },
        nodata: { color: color("nodata-bg"), text: color("nodata-text"), decal: { ...stripes(8, -Math.PI / 4), color: color("nodata-line") } },
      };
      chart.setOption({
        animation: false,
        aria: { enabled: true, label: { description: box.getAttribute("aria-label") } },
        tooltip: { ...bubble(), show: !isTouch, renderMode: "richText", formatter: (item) => `${item.name}\n${item.data.word} · ${item.value} 群\n达标/有数据 ${item.data.met}` },
        series: [
          {
            type: "treemap",
            left: 0, right: 0, top: 0, bottom: 0,
            roam: false,
            nodeClick: false,
            breadcrumb: { show: false },
            itemStyle: { borderColor: color("card"), borderWidth: 1, gapWidth: 2 },
            label: { fontFamily: font(), fontSize: 13, lineHeight: 18, overflow: "truncate", formatter: (item) => `${item.name}\n${item.data.word} ${item.value}` },
            data: rows.map((row) => {
              const look = looks[row.dataset.look] || looks.nodata;
              const cell = (number) => row.cells[number].textContent;
              return {
                name: cell(0),
                value: Number(cell(1)),
                word: cell(2),
                met: cell(3),
                href: row.querySelector("a")?.href,
                itemStyle: { color: look.color, ...(look.decal && { decal: look.decal }) },
                label: { color: look.text },
              };
            }),
          },
        ],
      });
    };
    chart.on("click", (item) => item.data.href && location.assign(item.data.href));
    follow(box, chart, draw);
  }

  function readDays(box) {
    const counts = box.dataset.counts.split(",");
    const first = Date.parse(`${box.dataset.first}T00:00:00Z`);
    return counts.map((count, place) => ({
      date: new Date(first + place * DAY).toISOString().slice(0, 10),
      count,
      grade: box.dataset.grades[place],
      duty: box.dataset.duties[place],
    }));
  }

  const GRADES = { 3: "优秀", 2: "良好", 1: "一般", 0: "差" };
  const DUTIES = { m: "达标", u: "未达标", t: "无微话题", "-": "无数据" };
  const WEEKDAYS = "日一二三四五六";

  function describe(day) {
    const [year, month, date] = day.date.split("-").map(Number);
    const weekday = WEEKDAYS[new Date(`${day.date}T00:00:00Z`).getUTCDay()];
    const count = day.count === "" ? "无数据" : `${day.count} 条${GRADES[day.grade] ? `（${GRADES[day.grade]}）` : ""}`;
    const duty = day.count === "" && day.duty === "-" ? "" : `，${DUTIES[day.duty]}`;
    return `${year}年${month}月${date}日 周${weekday} ${count}${duty}`;
  }

  const pad = (number) => String(number).padStart(2, "0");
  const weekdayOfFirst = (month) => (new Date(`${month}-01T00:00:00Z`).getUTCDay() + 6) % 7; // 0 is Monday
  const daysOf = (month) => new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).getUTCDate();
  const weeksOf = (month) => Math.ceil((weekdayOfFirst(month) + daysOf(month)) / 7);

  // Months newest first. On a phone the newest one is large enough for a finger, the others are a glance.
  function layOut(months, width, isAll) {
    const isPhone = width < 560;
    const columns = isPhone ? 2 : width < 900 ? 4 : 6;
    const gap = isPhone ? 14 : 22;
    const headroom = 46;
    const cell = Math.floor((width - gap * (columns - 1)) / columns / 7);
    const shown = isPhone && !isAll ? months.slice(0, 5) : months;
    let top = 0;
    const places = [];
    let rest = shown;
    if (isPhone) {
      const large = Math.floor(width / 7);
      places.push({ month: shown[0], left: Math.floor((width - large * 7) / 2), top: headroom, width: large, height: 44 });
      top = headroom + 44 * weeksOf(shown[0]) + 10;
      rest = shown.slice(1);
    }
    const height = Math.max(cell, 20);
    rest.forEach((month, place) => {
      const row = Math.floor(place / columns);
      const left = (place % columns) * (cell * 7 + gap);
      places.push({ month, left, top: top + headroom + row * (headroom + height * 6), width: cell, height });
    });
    const rows = Math.ceil(rest.length / columns);
    return { places, height: top + rows * (headroom + height * 6) + 8, isCut: shown.length < months.length };
  }

  function dateAt(spots, x, y) {
    for (const { month, left, top, width, height } of spots) {
      const column = Math.floor((x - left) / width);
      const row = Math.floor((y - top) / height);
      if (column < 0 || column > 6 || row < 0 || row > 5) continue;
      const date = row * 7 + column - weekdayOfFirst(month) + 1;
      if (date > 0) return `${month}-${pad(date)}`;
    }
    return "";
  }

  function hatch() {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 6;
    const pen = tile.getContext("2d");
    pen.fillStyle = color("nodata-bg");
    pen.fillRect(0, 0, 6, 6);
    pen.strokeStyle = color("nodata-line");
    pen.lineWidth = 1.4;
    for (const shift of [-6, 0, 6]) {
      pen.beginPath();
      pen.moveTo(shift, 6);
      pen.lineTo(shift + 6, 0);
      pen.stroke();
    }
    return { image: tile, repeat: "repeat" };
  }

  function drawCalendar(box) {
    const days = readDays(box);
    const places = new Map(days.map((day, place) => [day.date, place]));
    const lastMonth = days[days.length - 1].date.slice(0, 8);
    const firstToCome = Number(days[days.length - 1].date.slice(8)) + 1;
    const toCome = Array.from({ length: daysOf(lastMonth.slice(0, 7)) - firstToCome + 1 }, (_, step) => [
      lastMonth + pad(firstToCome + step),
      days.length + step,
    ]);
    const months = [...new Set(days.map((day) => day.date.slice(0, 7)))].reverse();
    const status = document.getElementById("calendar-status");
    const more = document.getElementById("calendar-more");
    let isAll = false;
    let spots = [];
    let chosen = days.length - 1;
    const chart = window.echarts.init(box, null, { renderer: "canvas" });

    const open = (place) => {
      choose(place);
      window.htmx.ajax("GET", `${box.dataset.url}/${days[place].date}`, { target: "#drawer-body" });
    };
    const choose = (place) => {
      chosen = Math.min(Math.max(place, 0), days.length - 1);
      status.textContent = describe(days[chosen]);
      draw();
    };

    function renderDay(looks) {
      return (params, api) => {
        const place = api.value(1);
        const day = days[place] || { date: lastMonth + pad(place - days.length + firstToCome), grade: "future" };
        const [x, y] = api.coord(day.date);
        const { cellWidth, cellHeight } = params.coordSys;
        const look = looks[day.grade];
        const isLarge = cellHeight > 40;
        const isChosen = place === chosen && document.activeElement === box;
        const children = [
          {
            type: "rect",
            shape: { x: x - cellWidth / 2 + 1, y: y - cellHeight / 2 + 1, width: cellWidth - 2, height: cellHeight - 2, r: 4 },
            style: { fill: look.fill, stroke: isChosen ? color("text") : null, lineWidth: isChosen ? 2 : 0 },
          },
          {
            type: "text",
            style: { text: String(Number(day.date.slice(8))), x, y: isLarge ? y - 3 : y, fill: look.text, align: "center", verticalAlign: "middle", fontSize: isLarge ? 15 : 11, fontFamily: font() },
          },
        ];
        if (day.duty === "u" || day.duty === "t") {
          const [side, radius] = isLarge ? [0, 3] : [cellWidth / 2 - 5, 2];
          const drop = isLarge ? cellHeight / 2 - 9 : -cellHeight / 2 + 5;
          children.push({ type: "circle", shape: { cx: x + side, cy: y + drop, r: radius }, style: { fill: look.text } });
        }
        return { type: "group", children };
      };
    }

    const draw = () => {
      const plan = layOut(months, box.clientWidth, isAll);
      spots = plan.places;
      more.hidden = !plan.isCut;
      box.style.height = `${plan.height}px`;
      chart.resize();
      const looks = {
        "-": { fill: hatch(), text: color("nodata-text") },
        future: { fill: "transparent", text: color("dim") },
      };
      for (const grade of "0123") looks[grade] = { fill: color(`g${grade}`), text: color(`g${grade}-text`) };
      const render = renderDay(looks);
      const label = { color: color("dim"), fontSize: 11, fontFamily: font() };
      chart.setOption(
        {
          animation: false,
          aria: { enabled: true, label: { description: box.getAttribute("aria-label") } },
          tooltip: { ...bubble(), show: !isTouch, renderMode: "richText", formatter: (item) => (days[item.value[1]] ? describe(days[item.value[1]]) : item.value[0]) },
          calendar: plan.places.map((spot) => ({
            left: spot.left,
            top: spot.top,
            cellSize: [spot.width, spot.height],
            orient: "vertical",
            range: spot.month,
            splitLine: { show: false },
            itemStyle: { color: "transparent", borderWidth: 0 },
            dayLabel: { ...label, firstDay: 1, nameMap: [...WEEKDAYS], margin: 4 },
            monthLabel: { show: false },
            yearLabel: {
              position: "top",
              margin: 22,
              fontSize: 13,
              fontWeight: "normal",
              fontFamily: font(),
              color: color("text"),
              formatter: () => `${spot.month.slice(0, 4)}年${Number(spot.month.slice(5))}月`,
            },
          })),
          series: plan.places.map((spot, index) => ({
            type: "custom",
            coordinateSystem: "calendar",
            calendarIndex: index,
            renderItem: render,
            data: days
              .filter((day) => day.date.startsWith(spot.month))
              .map((day) => [day.date, places.get(day.date)])
              .concat(index ? [] : toCome),
          })),
        },
        { notMerge: true },
      );
    };

    // The browser's own click, not the chart's: that one fires on touchend, and the click after it would
    // land on the backdrop of the drawer and close it again.
    box.addEventListener("click", (event) => {
      const place = places.get(dateAt(spots, event.offsetX, event.offsetY));
      if (place !== undefined) open(place);
    });
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
    box.addEventListener("keydown", (event) => {
      if (event.key in steps) choose(chosen + steps[event.key]);
      else if (event.key === "Enter" || event.key === " ") open(chosen);
      else return;
      event.preventDefault();
    });
    box.addEventListener("focus", () => choose(chosen));
    box.addEventListener("blur", () => draw());
    more.addEventListener("click", () => {
      isAll = true;
      draw();
    });
    follow(box, chart, draw);
  }

  const running = new Map(); // box → how its chart ends

  // Redraws when the width or the colour scheme changes, until the box leaves the page.
  function follow(box, chart, draw) {
    draw();
    let width = box.clientWidth;
    const observer = new ResizeObserver(() => {
      if (box.clientWidth === width) return;
      width = box.clientWidth;
      chart.resize();
      draw();
    });
    observer.observe(box);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", draw);
    running.set(box, () => {
      observer.disconnect();
      scheme.removeEventListener("change", draw);
      chart.dispose();
    });
  }

  // A phone does not show the tree map; turned on its side it may.
  function whenShown(box, draw) {
    const observer = new ResizeObserver(() => {
      if (!box.clientWidth) return;
      observer.disconnect();
      draw(box);
    });
    observer.observe(box);
  }

  function drawAll() {
    document.querySelectorAll("[data-chart=trend]").forEach(drawTrend);
    document.querySelectorAll("[data-chart=tree]").forEach((box) => whenShown(box, drawTree));
    document.querySelectorAll("[data-chart=calendar]").forEach((box) => box.dataset.counts && drawCalendar(box));
  }
  drawAll();

  // The big screen puts a new board in place of the old one: the old charts end, or they would pile up.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "board") return;
    for (const [box, end] of running) {
      if (box.isConnected) continue;
      end();
      running.delete(box);
    }
    document.querySelectorAll("#board [data-chart=trend]").forEach((box) => running.has(box) || drawTrend(box));
  });
  // A revoked link answers 404: the screen then says so instead of showing old figures.
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.elt.id === "poll" && event.detail.xhr.status === 404) location.reload();
  });
})();

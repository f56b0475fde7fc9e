// The part of ECharts that the console draws with; everything else stays out of the bundle.
import { init, use } from "echarts/core";
import { BarChart, CustomChart, LineChart, TreemapChart } from "echarts/charts";
import { AriaComponent, CalendarComponent, GridComponent, TooltipComponent } from "echarts/components";
import { CanvasRenderer, SVGRenderer } from "echarts/renderers";

use([
  BarChart,
  CustomChart,
  LineChart,
  TreemapChart,
  AriaComponent,
  CalendarComponent,
  GridComponent,
  TooltipComponent,
  CanvasRenderer,
  SVGRenderer,
]);

window.echarts = { init };

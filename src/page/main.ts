/** The script of a report as a page: it draws the charts and searches the table. It runs in a browser, and nowhere else. */

import type { PageData } from '../report/html/page-data.ts';
import { drawCharts } from './charts.ts';
import { fillIdTable } from './id-table.ts';
import { byId } from './elements.ts';

const data = JSON.parse(byId('data')?.textContent ?? '') as PageData;

if (data.series !== null) drawCharts(data.series);
if (data.rows.length > 0) fillIdTable(data.rows);

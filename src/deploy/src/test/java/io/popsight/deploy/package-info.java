/** What runs Popsight elsewhere, tried: the chart, Prometheus' rules, Grafana's dashboards. */
@NullMarked
package io.popsight.deploy;

import org.jspecify.annotations.NullMarked;

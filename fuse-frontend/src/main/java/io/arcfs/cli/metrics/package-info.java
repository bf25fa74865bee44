/** What Prometheus is told of a mounted volume, on this machine only and only where asked for. */
@NullMarked
package io.arcfs.cli.metrics;

import org.jspecify.annotations.NullMarked;

/** Running: processes for each peer, threads and clocks in them, places for files. */
@NullMarked
package dev.cairn.bench.run;

import org.jspecify.annotations.NullMarked;

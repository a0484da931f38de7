/** What is stored: keys, values, and the bytes of them for peers that store only bytes. */
@NullMarked
package dev.cairn.bench.workload;

import org.jspecify.annotations.NullMarked;

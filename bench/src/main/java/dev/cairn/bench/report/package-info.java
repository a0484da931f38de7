/** Results for people: tables for terminals, pages with plots, Markdown; and for programs: JSON. */
@NullMarked
package dev.cairn.bench.report;

import org.jspecify.annotations.NullMarked;

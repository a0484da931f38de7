package dev.cairn.bench.workload;

/**
 * A record as a bank may have it.
 *
 * @param owner 24 letters
 * @param cents changed by a transfer
 * @param branch where the account is kept
 * @param openedDay days since 1970
 */
public record Account(String owner, long cents, int branch, int openedDay) {}

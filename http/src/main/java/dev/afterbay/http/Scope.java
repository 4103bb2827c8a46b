package dev.afterbay.http;

import java.util.EnumSet;
import java.util.Set;

/**
 * What a route is about: decides which address serves it, and whether it goes on while draining.
 */
enum Scope {
  /** Brings work in. */
  SEND,
  /** Hands work out. */
  CLAIM,
  /** Goes on with work that was handed out. */
  SETTLE,
  /** Changes what is there, or ends it. */
  MANAGE,
  /** As an operator does, makes work due that ended or waits, or brings it in. */
  REVIVE,
  READ,
  /** Dashboard and metrics. */
  OPERATE,
  HEALTH,
  SNS;

  /** Begins each path of SNS. */
  static final String SNS_PATHS = "/sns/";

  /** All of it. */
  static final Set<Scope> EVERYTHING = EnumSet.allOf(Scope.class);

  /** What is left for the main address where operators have one of their own. */
  static final Set<Scope> WITHOUT_ADMIN = EnumSet.complementOf(EnumSet.of(MANAGE, REVIVE, OPERATE));

  /** What may be exposed to the world (config.md, sns.address). */
  static final Set<Scope> ONLY_SNS = EnumSet.of(SNS, HEALTH);

  /** Whether it is for those who manage: told in the log of that. */
  boolean isManagement() {
    return this == MANAGE || this == REVIVE;
  }

  /** Whether it is refused while the process drains. */
  boolean isWork() {
    return this == SEND || this == CLAIM || this == REVIVE || this == SNS;
  }
}

package dev.afterbay.http.sns;

import org.jspecify.annotations.Nullable;

/** The headers of a request. None of them is signed: they are hints (sns.md 1). */
@FunctionalInterface
public interface SnsHeaders {

  /**
   * @param lowerCaseName such as {@code x-amz-sns-topic-arn}
   * @return the first value, or null
   */
  @Nullable String first(String lowerCaseName);
}

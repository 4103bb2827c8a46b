package dev.afterbay.server;

import java.util.List;

/** What concerns Amazon SNS. */
final class SnsCommand {
  /*
   * Fits SNS's hard limit of 3600 s whatever the backoff function: 2 x 5 + 10 x 60 + 48 x 60 =
   * 3490 s (sns.md 3).
   */
  private static final String POLICY =
      """
      {
        "healthyRetryPolicy": {
          "minDelayTarget": 5,
          "maxDelayTarget": 60,
          "numRetries": 60,
          "numNoDelayRetries": 0,
          "numMinDelayRetries": 2,
          "numMaxDelayRetries": 48,
          "backoffFunction": "exponential"
        },
        "throttlePolicy": {
          "maxReceivesPerSecond": 50
        }
      }\
      """;

  private SnsCommand() {}

  static CommandGroup group() {
    Command policy =
        new Command(
            "policy",
            "Prints the delivery policy to give the subscription: SNS tries for an hour.",
            _ -> printPolicy());
    return new CommandGroup("sns", "Helps to set up Amazon SNS.", List.of(policy));
  }

  private static int printPolicy() {
    System.out.println(POLICY);
    return ExitCode.STOPPED;
  }
}

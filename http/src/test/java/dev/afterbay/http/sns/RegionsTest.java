package dev.afterbay.http.sns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hosts and certificate names: sns.md 2. */
class RegionsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "aws, us-east-1, sns.us-east-1.amazonaws.com, sns.amazonaws.com",
    "aws, eu-central-1, sns.eu-central-1.amazonaws.com, sns.amazonaws.com",
    "aws, ap-southeast-2, sns.ap-southeast-2.amazonaws.com, sns.amazonaws.com",
    "aws, ap-east-1, sns.ap-east-1.amazonaws.com, sns-signing.ap-east-1.amazonaws.com",
    "aws, ap-southeast-7, sns.ap-southeast-7.amazonaws.com,"
        + " sns-signing.ap-southeast-7.amazonaws.com",
    "aws, me-central-1, sns.me-central-1.amazonaws.com, sns-signing.me-central-1.amazonaws.com",
    "aws, eu-south-2, sns.eu-south-2.amazonaws.com, sns-signing.eu-south-2.amazonaws.com",
    "aws, eu-central-2, sns.eu-central-2.amazonaws.com, sns-signing.eu-central-2.amazonaws.com",
    "aws, af-south-1, sns.af-south-1.amazonaws.com, sns-signing.af-south-1.amazonaws.com",
    "aws, il-central-1, sns.il-central-1.amazonaws.com, sns-signing.il-central-1.amazonaws.com",
    "aws, ca-west-1, sns.ca-west-1.amazonaws.com, sns-signing.ca-west-1.amazonaws.com",
    "aws, mx-central-1, sns.mx-central-1.amazonaws.com, sns-signing.mx-central-1.amazonaws.com",
    "aws-cn, cn-north-1, sns.cn-north-1.amazonaws.com.cn, sns-cn-north-1.amazonaws.com.cn",
    "aws-us-gov, us-gov-west-1, sns.us-gov-west-1.amazonaws.com, sns-us-gov-west-1.amazonaws.com",
    "aws-us-gov, us-gov-east-1, sns.us-gov-east-1.amazonaws.com, sns-us-gov-west-1.amazonaws.com",
    "aws-iso, us-iso-east-1, sns.us-iso-east-1.c2s.ic.gov, sns-us-iso-east-1.c2s.ic.gov",
    "aws-iso-b, us-isob-east-1, sns.us-isob-east-1.sc2s.sgov.gov,"
        + " sns-us-isob-east-1.sc2s.sgov.gov",
    "aws-iso-e, eu-isoe-west-1, sns.eu-isoe-west-1.cloud.adc-e.uk,"
        + " sns-signing.eu-isoe-west-1.cloud.adc-e.uk",
    "aws-iso-f, us-isof-south-1, sns.us-isof-south-1.csp.hci.ic.gov,"
        + " sns-signing.us-isof-south-1.csp.hci.ic.gov",
    "aws-eusc, eusc-de-east-1, sns.eusc-de-east-1.amazonaws.eu,"
        + " sns-signing.eusc-de-east-1.amazonaws.eu",
    "aws, xx-new-9, sns.xx-new-9.amazonaws.com,"
        + " sns.amazonaws.com sns-signing.xx-new-9.amazonaws.com",
    "aws-iso-f, us-isof-new-9, sns.us-isof-new-9.csp.hci.ic.gov,"
        + " sns.csp.hci.ic.gov sns-signing.us-isof-new-9.csp.hci.ic.gov"
  })
  void areKnown(String partition, String region, String host, String names) {
    Regions.Location location = Regions.builtIn().locate(arn(partition, region));

    assertThat(location.host()).isEqualTo(host);
    assertThat(location.certificateNames())
        .containsExactlyInAnyOrderElementsOf(Arrays.asList(names.split(" ")));
  }

  @Test
  void anUnknownPartitionStopsTheStart() {
    assertThatThrownBy(() ->
            AllowedTopics.of(
                List.of(SnsTopic.of("arn:aws-moon:sns:mo-on-1:123456789012:x")), Regions.builtIn()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sns.regions_file");
  }

  @Test
  void aFileOverridesLineByLine() throws Exception {
    Path file = folder.resolve("regions");
    Files.writeString(
        file,
        """
        # ours
        aws-moon  *          example.org  {region}.{suffix} other.example.org

        aws       us-east-1  example.org  sns.example.org
        """);
    Regions regions = Regions.overriddenBy(file);

    assertThat(regions.locate(arn("aws-moon", "mo-on-1")).certificateNames())
        .containsExactlyInAnyOrder("mo-on-1.example.org", "other.example.org");
    assertThat(regions.locate(arn("aws", "us-east-1")).host())
        .isEqualTo("sns.us-east-1.example.org");
    assertThat(regions.locate(arn("aws", "us-east-2")).host())
        .isEqualTo("sns.us-east-2.amazonaws.com");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "aws us-east-1 amazonaws.com",
        "aws us-east-1",
        "AWS us-east-1 amazonaws.com sns.amazonaws.com",
        "aws us*east-1 amazonaws.com sns.amazonaws.com",
        "aws us-east-1 amazonaws.com/x sns.amazonaws.com",
        "aws us-east-1 amazonaws.com *.amazonaws.com",
        "aws us-east-1 amazonaws.com sns.amazonaws.com,x"
      })
  void aWrongLineIsNamed(String line) throws Exception {
    Path file = folder.resolve("regions");
    Files.writeString(file, "# x\n" + line + "\n");

    assertThatThrownBy(() -> Regions.overriddenBy(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(file + " line 2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "orders",
        "arn:aws:sns:us-east-1:123456789012:orders.fifo",
        "arn:aws:sns:us-east-1:123456789012:or ders",
        "arn:aws:sqs:us-east-1:123456789012:orders"
      })
  void aTopicNeedsTheArnOfAStandardTopic(String arn) {
    assertThatThrownBy(() -> SnsTopic.of(arn))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + arn + "\"");
  }

  @Test
  void aTopicIsNamedOnceAndItsValuesAreChecked() {
    SnsTopic topic = SnsTopic.of(TestMessage.TOPIC);
    assertThatThrownBy(() -> AllowedTopics.of(List.of(topic, topic), Regions.builtIn()))
        .hasMessageContaining("named twice");
    assertThatThrownBy(() -> new SnsTopic(TestMessage.TOPIC, 3, true, null))
        .hasMessageContaining("not 1 or 2");
    for (String host : List.of("", "EVIL.com", "evil.com/", "evil.com:8443", "a@b", "-x")) {
      assertThatThrownBy(() -> new SnsTopic(TestMessage.TOPIC, 1, true, host))
          .hasMessageContaining("host name");
    }
  }

  private static TopicArn arn(String partition, String region) {
    return TopicArn.of("arn:" + partition + ":sns:" + region + ":123456789012:orders");
  }
}

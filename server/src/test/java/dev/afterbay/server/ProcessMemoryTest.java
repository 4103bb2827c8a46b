package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.rocksdb.RocksStore.Memory;
import org.junit.jupiter.api.Test;

/** What the memory of the process means for its parts. */
final class ProcessMemoryTest {
  private static final long MIB = 1L << 20;

  @Test
  void theSettingHoldsUnlessThereIsLess() {
    assertThat(of(null, 1_000, 250).total()).isEqualTo(1_000 * MIB);
    assertThat(of(300L, 1_000, 250).total()).isEqualTo(300 * MIB);
    assertThat(of(2_000L, 1_000, 250).total()).isEqualTo(1_000 * MIB);
  }

  @Test
  void littleMemoryOrASmallHeapMakesASmallStore() {
    assertThat(of(null, 256, 96).store()).isEqualTo(Memory.SMALL);
    assertThat(of(767L, 24_000, 6_000).store()).isEqualTo(Memory.SMALL);
    assertThat(of(null, 24_000, 64).store()).isEqualTo(Memory.SMALL);
    assertThat(of(768L, 24_000, 288).store()).isEqualTo(Memory.STANDARD);
    assertThat(of(null, 24_000, 128).store()).isEqualTo(Memory.STANDARD);
  }

  @Test
  void aMemoryGroupThatIsTooSmallIsRefused() {
    assertThatThrownBy(() -> of(null, 200, 50))
        .isInstanceOf(ConfigException.class)
        .hasMessage("memory: 200MiB: the memory group or machine must have at least 256MiB");
    assertThat(of(null, 256, 96).total()).isEqualTo(256 * MIB);
  }

  private static ProcessMemory of(Long setting, long there, long heap) {
    return ProcessMemory.of(setting == null ? null : setting * MIB, there * MIB, heap * MIB);
  }
}

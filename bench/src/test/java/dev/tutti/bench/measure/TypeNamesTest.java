package dev.tutti.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class TypeNamesTest {
  @ParameterizedTest
  @EnumSource(DataType.class)
  void shouldReadWhatItWrites(DataType type) {
    assertThat(TypeNames.types(TypeNames.of(type))).containsExactly(type);
    assertThat(TypeNames.types(type.name())).containsExactly(type);
  }

  @Test
  void shouldKnowTheNamesOfNcclTests() {
    assertThat(TypeNames.types("float")).containsExactly(DataType.FLOAT32);
    assertThat(TypeNames.types("half")).containsExactly(DataType.FLOAT16);
    assertThat(TypeNames.types("f8e4m3")).containsExactly(DataType.FLOAT8_E4M3);
    assertThat(TypeNames.types("all")).hasSize(DataType.values().length);
    assertThat(TypeNames.ops("all"))
        .containsExactly(ReduceOp.SUM, ReduceOp.PROD, ReduceOp.MIN, ReduceOp.MAX, ReduceOp.AVG);
  }

  @Test
  void shouldListWhatThereIs() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TypeNames.types("float31"))
        .withMessageContaining("'float31'")
        .withMessageContaining("bfloat16")
        .withMessageContaining("all");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TypeNames.ops("xor"))
        .withMessage("unknown operator 'xor'; there are sum, prod, min, max, avg, all");
  }
}

package dev.tutti.collectives.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.lang.constant.ConstantDescs;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.reflect.Constructor;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Makes one class per (data type, operator) out of a template class.
///
/// A kernel's loop is fast only while its operator is a compile-time constant; shared by several
/// operators, it would go through a call that the compiler cannot see through, and through boxed
/// vectors, as soon as the second one is used. So the class file of a template is loaded once per
/// pair, as a hidden class whose class data is the [KernelShape]: its `static final` fields,
/// derived from that, are constants to the compiler, and each pair has its own profile and machine
/// code.
final class KernelTemplate {
  private KernelTemplate() {}

  /// Returns a new kernel of the given template, specialised for `shape`.
  ///
  /// The template is a final subclass of [ReductionKernel] in this package with one constructor,
  /// which takes `arguments`; its static fields come from [#shape].
  static ReductionKernel specialise(
      Class<? extends ReductionKernel> template,
      KernelShape shape,
      @Nullable ReductionKernel... arguments) {
    String file = template.getSimpleName() + ".class";
    try (InputStream in = Objects.requireNonNull(template.getResourceAsStream(file), file)) {
      Lookup hidden =
          MethodHandles.lookup().defineHiddenClassWithClassData(in.readAllBytes(), shape, true);
      Constructor<?> constructor = hidden.lookupClass().getDeclaredConstructors()[0];
      return (ReductionKernel) constructor.newInstance((Object[]) arguments);
    } catch (IOException | ReflectiveOperationException e) {
      throw new IllegalStateException("cannot specialise " + template.getName(), e);
    }
  }

  /// Returns the shape that the calling template is specialised for.
  static KernelShape shape(Lookup caller) {
    try {
      KernelShape shape =
          MethodHandles.classData(caller, ConstantDescs.DEFAULT_NAME, KernelShape.class);
      return Objects.requireNonNull(shape, "a template is used only through specialise()");
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }
}

package dev.afterbay.contract;

import dev.afterbay.store.Store;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** A store of which one method is intercepted: to count, to delay, to fail. */
final class AroundStore {

  private AroundStore() {}

  /**
   * @param instead is given the first argument, an empty list if there is none, and the call itself
   */
  static Store of(
      Store store, String method, BiFunction<Object, Supplier<Object>, Object> instead) {
    InvocationHandler handler =
        (proxy, called, arguments) -> {
          if (called.isDefault()) {
            return InvocationHandler.invokeDefault(proxy, called, arguments);
          }
          Supplier<Object> call = () -> invoke(store, called, arguments);
          Object first = arguments == null ? List.of() : arguments[0];
          return called.getName().equals(method) ? instead.apply(first, call) : call.get();
        };
    return (Store)
        Proxy.newProxyInstance(Store.class.getClassLoader(), new Class<?>[] {Store.class}, handler);
  }

  /** Counts the calls of the method. */
  static Store counting(Store store, String method, AtomicInteger calls) {
    return of(
        store,
        method,
        (_, call) -> {
          calls.incrementAndGet();
          return call.get();
        });
  }

  private static Object invoke(Store store, Method method, Object[] arguments) {
    try {
      return method.invoke(store, arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }
}

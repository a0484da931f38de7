package dev.cairn.collections;

import com.google.common.collect.testing.ConcurrentMapTestSuiteBuilder;
import com.google.common.collect.testing.ListTestSuiteBuilder;
import com.google.common.collect.testing.NavigableMapTestSuiteBuilder;
import com.google.common.collect.testing.NavigableSetTestSuiteBuilder;
import com.google.common.collect.testing.QueueTestSuiteBuilder;
import com.google.common.collect.testing.SampleElements;
import com.google.common.collect.testing.SetTestSuiteBuilder;
import com.google.common.collect.testing.TestListGenerator;
import com.google.common.collect.testing.TestStringListGenerator;
import com.google.common.collect.testing.TestStringMapGenerator;
import com.google.common.collect.testing.TestStringQueueGenerator;
import com.google.common.collect.testing.TestStringSetGenerator;
import com.google.common.collect.testing.TestStringSortedMapGenerator;
import com.google.common.collect.testing.TestStringSortedSetGenerator;
import com.google.common.collect.testing.features.CollectionFeature;
import com.google.common.collect.testing.features.CollectionSize;
import com.google.common.collect.testing.features.ListFeature;
import com.google.common.collect.testing.features.MapFeature;
import com.google.common.collect.testing.features.SetFeature;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.stream.Stream;
import junit.framework.TestFailure;
import junit.framework.TestResult;
import junit.framework.TestSuite;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The contracts of {@code java.util}, as Guava tests them. No method is suppressed. */
class ConformanceTest {
  private final PersistentHeap heap = TestHeaps.inMemory(128 * TestHeaps.MIB);
  private int made;

  @AfterEach
  void verifyAndClose() {
    heap.verify();
    heap.close();
  }

  private String name() {
    return "collection " + made++;
  }

  @TestFactory
  Stream<DynamicNode> mapOfStrings() {
    return nodes(
        ConcurrentMapTestSuiteBuilder.using(
                new TestStringMapGenerator() {
                  @Override
                  protected Map<String, String> create(Map.Entry<String, String>[] entries) {
                    Map<String, String> map = heap.map(name(), Types.STRING, Types.STRING);
                    for (Map.Entry<String, String> entry : entries) {
                      map.put(entry.getKey(), entry.getValue());
                    }
                    return map;
                  }
                })
            .named("PersistentHashMap")
            .withFeatures(
                CollectionSize.ANY,
                MapFeature.GENERAL_PURPOSE,
                CollectionFeature.SUPPORTS_ITERATOR_REMOVE)
            .createTestSuite());
  }

  private SortedMap<String, String> treeMap(Map.Entry<String, String>[] entries) {
    SortedMap<String, String> map = heap.treeMap(name(), Types.STRING, Types.STRING);
    for (Map.Entry<String, String> entry : entries) {
      map.put(entry.getKey(), entry.getValue());
    }
    return map;
  }

  /** With ranges, upwards and downwards. */
  @TestFactory
  Stream<DynamicNode> treeMapOfStrings() {
    return nodes(
        NavigableMapTestSuiteBuilder.using(
                new TestStringSortedMapGenerator() {
                  @Override
                  protected SortedMap<String, String> create(Map.Entry<String, String>[] entries) {
                    return treeMap(entries);
                  }
                })
            .named("PersistentTreeMap")
            .withFeatures(
                CollectionSize.ANY,
                CollectionFeature.KNOWN_ORDER,
                MapFeature.GENERAL_PURPOSE,
                CollectionFeature.SUPPORTS_ITERATOR_REMOVE)
            .createTestSuite());
  }

  @TestFactory
  Stream<DynamicNode> treeMapOfStringsAsAConcurrentMap() {
    return nodes(
        ConcurrentMapTestSuiteBuilder.using(
                new TestStringMapGenerator() {
                  @Override
                  protected Map<String, String> create(Map.Entry<String, String>[] entries) {
                    return treeMap(entries);
                  }
                })
            .named("PersistentTreeMap, concurrent")
            .withFeatures(
                CollectionSize.ANY,
                MapFeature.GENERAL_PURPOSE,
                CollectionFeature.SUPPORTS_ITERATOR_REMOVE)
            .createTestSuite());
  }

  @TestFactory
  Stream<DynamicNode> treeSetOfStrings() {
    return nodes(
        NavigableSetTestSuiteBuilder.using(
                new TestStringSortedSetGenerator() {
                  @Override
                  protected SortedSet<String> create(String[] elements) {
                    SortedSet<String> set = heap.treeSet(name(), Types.STRING);
                    set.addAll(Arrays.asList(elements));
                    return set;
                  }
                })
            .named("PersistentTreeSet")
            .withFeatures(
                CollectionSize.ANY,
                CollectionFeature.KNOWN_ORDER,
                SetFeature.GENERAL_PURPOSE,
                CollectionFeature.SUPPORTS_ITERATOR_REMOVE)
            .createTestSuite());
  }

  @TestFactory
  Stream<DynamicNode> setOfStrings() {
    return nodes(
        SetTestSuiteBuilder.using(
                new TestStringSetGenerator() {
                  @Override
                  protected Set<String> create(String[] elements) {
                    Set<String> set = heap.set(name(), Types.STRING);
                    set.addAll(Arrays.asList(elements));
                    return set;
                  }
                })
            .named("PersistentHashSet")
            .withFeatures(
                CollectionSize.ANY,
                SetFeature.GENERAL_PURPOSE,
                CollectionFeature.SUPPORTS_ITERATOR_REMOVE)
            .createTestSuite());
  }

  private PersistentDeque<String> deque(String[] elements) {
    PersistentDeque<String> deque = heap.deque(name(), Types.STRING);
    deque.addAll(Arrays.asList(elements));
    return deque;
  }

  private static Stream<DynamicNode> queue(String name, TestStringQueueGenerator generator) {
    return nodes(
        QueueTestSuiteBuilder.using(generator)
            .named(name)
            .withFeatures(
                CollectionSize.ANY,
                CollectionFeature.KNOWN_ORDER,
                CollectionFeature.GENERAL_PURPOSE)
            .createTestSuite());
  }

  @TestFactory
  Stream<DynamicNode> dequeOfStrings() {
    return queue(
        "PersistentDeque",
        new TestStringQueueGenerator() {
          @Override
          protected Queue<String> create(String[] elements) {
            return deque(elements);
          }
        });
  }

  @TestFactory
  Stream<DynamicNode> dequeOfStringsAsABlockingQueue() {
    return queue(
        "PersistentDeque, blocking",
        new TestStringQueueGenerator() {
          @Override
          protected Queue<String> create(String[] elements) {
            return deque(elements).blocking();
          }
        });
  }

  @TestFactory
  Stream<DynamicNode> listOfStrings() {
    return nodes(
        ListTestSuiteBuilder.using(
                new TestStringListGenerator() {
                  @Override
                  protected List<String> create(String[] elements) {
                    List<String> list = heap.list(name(), Types.STRING);
                    list.addAll(Arrays.asList(elements));
                    return list;
                  }
                })
            .named("PersistentArrayList")
            .withFeatures(
                CollectionSize.ANY,
                ListFeature.GENERAL_PURPOSE,
                CollectionFeature.FAILS_FAST_ON_CONCURRENT_MODIFICATION)
            .createTestSuite());
  }

  @TestFactory
  Stream<DynamicNode> listOfLongs() {
    return nodes(
        ListTestSuiteBuilder.using(
                new TestListGenerator<Long>() {
                  @Override
                  public SampleElements<Long> samples() {
                    return new SampleElements<>(1L, -1L, Long.MIN_VALUE, Long.MAX_VALUE, 0L);
                  }

                  @Override
                  public List<Long> create(Object... elements) {
                    List<Long> list = heap.list(name(), Types.LONG);
                    for (Object element : elements) {
                      list.add((Long) element);
                    }
                    return list;
                  }

                  @Override
                  public Long[] createArray(int length) {
                    return new Long[length];
                  }

                  @Override
                  public Iterable<Long> order(List<Long> insertionOrder) {
                    return insertionOrder;
                  }
                })
            .named("PersistentArrayList of longs")
            .withFeatures(
                CollectionSize.ANY,
                ListFeature.GENERAL_PURPOSE,
                CollectionFeature.FAILS_FAST_ON_CONCURRENT_MODIFICATION)
            .createTestSuite());
  }

  /** Makes a suite of the older JUnit one of ours. */
  private static Stream<DynamicNode> nodes(TestSuite suite) {
    return Collections.list(suite.tests()).stream()
        .map(
            test ->
                test instanceof TestSuite inner
                    ? DynamicContainer.dynamicContainer(inner.getName(), nodes(inner))
                    : DynamicTest.dynamicTest(test.toString(), () -> run(test)));
  }

  private static void run(junit.framework.Test test) throws Throwable {
    TestResult result = new TestResult();
    test.run(result);
    for (TestFailure failure : Collections.list(result.errors())) {
      throw failure.thrownException();
    }
    for (TestFailure failure : Collections.list(result.failures())) {
      throw failure.thrownException();
    }
  }
}

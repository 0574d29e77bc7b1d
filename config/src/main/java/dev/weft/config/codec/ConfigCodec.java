package dev.weft.config.codec;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.weft.config.model.DestinationRule;
import dev.weft.config.model.Gateway;
import dev.weft.config.model.HttpAction;
import dev.weft.config.model.MeshConfig;
import dev.weft.config.model.Meta;
import dev.weft.config.model.PeerAuthentication;
import dev.weft.config.model.ServiceEntry;
import dev.weft.config.model.Sidecar;
import dev.weft.config.model.StringMatch;
import dev.weft.config.model.TrafficPolicy.HashKey;
import dev.weft.config.model.TrafficPolicy.HashTable;
import dev.weft.config.model.VirtualService;
import dev.weft.config.model.WorkloadEntry;
import dev.weft.config.model.balance.HealthCheck;
import dev.weft.config.model.core.EndpointSlice;
import dev.weft.config.model.core.Secret;
import dev.weft.config.model.core.Service;
import dev.weft.config.model.security.AuthorizationPolicy;
import dev.weft.config.model.security.RequestAuthentication;
import dev.weft.config.model.settings.ProxySettings;
import dev.weft.config.model.settings.RateLimit;
import dev.weft.config.model.settings.RouteSettings;
import dev.weft.config.model.settings.StickyKey;
import dev.weft.config.model.telemetry.Telemetry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes each resource of a checked configuration as one JSON text and reads it back, exactly: what
 * is read equals what was written. Any thread.
 */
public final class ConfigCodec {

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
          .addMixIn(StringMatch.class, Named.class)
          .addMixIn(HttpAction.class, Named.class)
          .addMixIn(HashKey.class, Named.class)
          .addMixIn(HashTable.class, Named.class)
          .addMixIn(StickyKey.class, Named.class)
          .addMixIn(RateLimit.Key.class, Named.class)
          .addMixIn(RouteSettings.Match.class, Named.class)
          .addMixIn(HealthCheck.Probe.class, Named.class)
          .addMixIn(HttpAction.Body.class, Bytes.class)
          .build();

  static {
    for (Class<?> sealed :
        List.of(
            StringMatch.class,
            HttpAction.class,
            HashKey.class,
            HashTable.class,
            StickyKey.class,
            RateLimit.Key.class,
            RouteSettings.Match.class,
            HealthCheck.Probe.class)) {
      MAPPER.registerSubtypes(sealed.getPermittedSubclasses());
    }
  }

  private static final Map<String, Class<?>> KINDS =
      Stream.of(
              VirtualService.class,
              DestinationRule.class,
              Gateway.class,
              ServiceEntry.class,
              WorkloadEntry.class,
              PeerAuthentication.class,
              Sidecar.class,
              AuthorizationPolicy.class,
              RequestAuthentication.class,
              ProxySettings.class,
              Telemetry.class,
              Service.class,
              EndpointSlice.class,
              Secret.class)
          .collect(Collectors.toUnmodifiableMap(Class::getSimpleName, kind -> kind));

  private ConfigCodec() {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "is")
  private interface Named {}

  /** How bytes are written: as base64. */
  private abstract static class Bytes {
    @JsonCreator
    Bytes(@SuppressWarnings("unused") byte[] bytes) {}

    @JsonValue
    abstract byte[] bytes();
  }

  /** Every resource by {@code Kind/namespace/name}. */
  public static Map<String, String> write(MeshConfig config) {
    Map<String, String> all = new LinkedHashMap<>();
    resources(config).forEach(one -> all.put(one.name(), write(one)));
    return all;
  }

  /** The text of one. */
  public static String write(Resource resource) {
    try {
      return MAPPER.writeValueAsString(resource.value());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(resource.name() + " cannot be written", e);
    }
  }

  /** All of a configuration. */
  public static List<Resource> resources(MeshConfig config) {
    List<Resource> all = new ArrayList<>();
    add(all, config.virtualServices(), VirtualService::meta);
    add(all, config.destinationRules(), DestinationRule::meta);
    add(all, config.gateways(), Gateway::meta);
    add(all, config.serviceEntries(), ServiceEntry::meta);
    add(all, config.workloadEntries(), WorkloadEntry::meta);
    add(all, config.peerAuthentications(), PeerAuthentication::meta);
    add(all, config.sidecars(), Sidecar::meta);
    add(all, config.authorizationPolicies(), AuthorizationPolicy::meta);
    add(all, config.requestAuthentications(), RequestAuthentication::meta);
    add(all, config.proxySettings(), ProxySettings::meta);
    add(all, config.telemetries(), Telemetry::meta);
    add(all, config.services(), Service::meta);
    add(all, config.endpointSlices(), EndpointSlice::meta);
    add(all, config.secrets(), Secret::meta);
    return all;
  }

  private static <T> void add(List<Resource> all, List<T> resources, Function<T, Meta> metaOf) {
    for (T resource : resources) {
      Meta meta = metaOf.apply(resource);
      all.add(new Resource(meta.kind() + "/" + meta.qualifiedName(), resource));
    }
  }

  /**
   * The configuration of these resources.
   *
   * @param resources as {@link #write} gave them, in any order
   * @throws IllegalArgumentException where one cannot be read
   */
  public static MeshConfig read(Map<String, String> resources) {
    List<Resource> all = new ArrayList<>();
    resources.forEach((name, text) -> read(name, text).ifPresent(all::add));
    return config(all);
  }

  /**
   * One resource of its text.
   *
   * @return empty where it is of a kind that this version does not know
   * @throws IllegalArgumentException where it cannot be read
   */
  public static Optional<Resource> read(String name, String text) {
    int slash = name.indexOf('/');
    Class<?> kind = slash < 0 ? null : KINDS.get(name.substring(0, slash));
    if (kind == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(new Resource(name, MAPPER.readValue(text, kind)));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(name + " cannot be read", e);
    }
  }

  /**
   * The configuration of these resources, which stay the objects that they are.
   *
   * @param resources in any order
   */
  public static MeshConfig config(Collection<Resource> resources) {
    return new MeshConfig(
        all(resources, VirtualService.class, VirtualService::meta),
        all(resources, DestinationRule.class, DestinationRule::meta),
        all(resources, Gateway.class, Gateway::meta),
        all(resources, ServiceEntry.class, ServiceEntry::meta),
        all(resources, WorkloadEntry.class, WorkloadEntry::meta),
        all(resources, PeerAuthentication.class, PeerAuthentication::meta),
        all(resources, Sidecar.class, Sidecar::meta),
        all(resources, AuthorizationPolicy.class, AuthorizationPolicy::meta),
        all(resources, RequestAuthentication.class, RequestAuthentication::meta),
        all(resources, ProxySettings.class, ProxySettings::meta),
        all(resources, Telemetry.class, Telemetry::meta),
        all(resources, Service.class, Service::meta),
        all(resources, EndpointSlice.class, EndpointSlice::meta),
        all(resources, Secret.class, Secret::meta));
  }

  private static <T> List<T> all(
      Collection<Resource> resources, Class<T> kind, Function<T, Meta> metaOf) {
    return resources.stream()
        .map(Resource::value)
        .filter(kind::isInstance)
        .map(kind::cast)
        .sorted(Comparator.comparing(metaOf))
        .toList();
  }
}

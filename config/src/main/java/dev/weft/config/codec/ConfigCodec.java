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
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

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
    put(all, config.virtualServices(), VirtualService::meta);
    put(all, config.destinationRules(), DestinationRule::meta);
    put(all, config.gateways(), Gateway::meta);
    put(all, config.serviceEntries(), ServiceEntry::meta);
    put(all, config.workloadEntries(), WorkloadEntry::meta);
    put(all, config.peerAuthentications(), PeerAuthentication::meta);
    put(all, config.sidecars(), Sidecar::meta);
    put(all, config.authorizationPolicies(), AuthorizationPolicy::meta);
    put(all, config.requestAuthentications(), RequestAuthentication::meta);
    put(all, config.proxySettings(), ProxySettings::meta);
    put(all, config.services(), Service::meta);
    put(all, config.endpointSlices(), EndpointSlice::meta);
    put(all, config.secrets(), Secret::meta);
    return all;
  }

  private static <T> void put(
      Map<String, String> all, List<T> resources, Function<T, Meta> metaOf) {
    for (T resource : resources) {
      Meta meta = metaOf.apply(resource);
      try {
        all.put(meta.kind() + "/" + meta.qualifiedName(), MAPPER.writeValueAsString(resource));
      } catch (JsonProcessingException e) {
        throw new IllegalStateException(meta.qualifiedName() + " cannot be written", e);
      }
    }
  }

  /**
   * The configuration of these resources.
   *
   * @param resources as {@link #write} gave them, in any order
   * @throws IllegalArgumentException where one cannot be read
   */
  public static MeshConfig read(Map<String, String> resources) {
    return new MeshConfig(
        all(resources, "VirtualService", VirtualService.class, VirtualService::meta),
        all(resources, "DestinationRule", DestinationRule.class, DestinationRule::meta),
        all(resources, "Gateway", Gateway.class, Gateway::meta),
        all(resources, "ServiceEntry", ServiceEntry.class, ServiceEntry::meta),
        all(resources, "WorkloadEntry", WorkloadEntry.class, WorkloadEntry::meta),
        all(resources, "PeerAuthentication", PeerAuthentication.class, PeerAuthentication::meta),
        all(resources, "Sidecar", Sidecar.class, Sidecar::meta),
        all(resources, "AuthorizationPolicy", AuthorizationPolicy.class, AuthorizationPolicy::meta),
        all(
            resources,
            "RequestAuthentication",
            RequestAuthentication.class,
            RequestAuthentication::meta),
        all(resources, "ProxySettings", ProxySettings.class, ProxySettings::meta),
        all(resources, "Service", Service.class, Service::meta),
        all(resources, "EndpointSlice", EndpointSlice.class, EndpointSlice::meta),
        all(resources, "Secret", Secret.class, Secret::meta));
  }

  private static <T> List<T> all(
      Map<String, String> resources, String kind, Class<T> type, Function<T, Meta> metaOf) {
    Collection<T> found = new ArrayList<>();
    for (Map.Entry<String, String> resource : resources.entrySet()) {
      if (resource.getKey().startsWith(kind + "/")) {
        try {
          found.add(MAPPER.readValue(resource.getValue(), type));
        } catch (JsonProcessingException e) {
          throw new IllegalArgumentException(resource.getKey() + " cannot be read", e);
        }
      }
    }
    return found.stream().sorted(Comparator.comparing(metaOf)).toList();
  }
}

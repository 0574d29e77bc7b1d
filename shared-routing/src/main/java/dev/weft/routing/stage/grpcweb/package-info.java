/** gRPC-Web on its way in and out. Floor 5, with the stages. */
package dev.weft.routing.stage.grpcweb;

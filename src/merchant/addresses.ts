import * as z from "zod";
import { PaymeConfigError } from "../kit/errors";
import { lazy } from "../kit/lazy";

/** Payme's addresses: 185.234.113.1 to 185.234.113.15. Source: developer.help.paycom.uz, "Схема взаимодействия". */
export const PAYME_ADDRESSES: readonly string[] = Array.from({ length: 15 }, (_, n) => `185.234.113.${n + 1}`);

/** Not `isIP` of node:net: whoever imports the package would wait for all of that module. */
const addressSchema = lazy(() => z.union([z.ipv4(), z.ipv6()]));

/**
 * The addresses, in the form in which they are compared. One that no caller can have would refuse everybody, and nobody would know why.
 *
 * @throws PaymeConfigError for a range, a host's name, a port.
 */
export function checkedAddresses(addresses: readonly string[] | undefined): readonly string[] | undefined {
  const wrong = addresses?.find((each) => !addressSchema().safeParse(plain(each)).success);
  if (wrong === undefined) return addresses?.map(plain);
  throw new PaymeConfigError(`createMerchantApi: allowFrom has ${JSON.stringify(wrong)}, which is no address`, {
    hint: "Give each address by itself, without a range or a port; PAYME_ADDRESSES has Payme's.",
  });
}

/** True for an address of the list; an IPv4 one may come in its IPv6 form. */
export function isAllowedAddress(allowed: readonly string[], address: string | undefined): boolean {
  return address !== undefined && allowed.includes(plain(address));
}

function plain(address: string): string {
  return address.replace(/^::ffff:(?=[\d.]+$)/i, "").toLowerCase();
}

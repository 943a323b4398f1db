import { createHash } from 'node:crypto';

/** A user as Clerk's Backend API returns it, with one verified email address. */
export function backendUser(id: string, email: string) {
  const emailId = `idn_local_${createHash('sha256').update(id).digest('hex').slice(0, 20)}`;
  return {
    id,
    object: 'user',
    username: null,
    first_name: null,
    last_name: null,
    locale: null,
    image_url: '',
    has_image: false,
    primary_email_address_id: emailId,
    primary_phone_number_id: null,
    primary_web3_wallet_id: null,
    password_enabled: false,
    two_factor_enabled: false,
    totp_enabled: false,
    backup_code_enabled: false,
    email_addresses: [
      {
        id: emailId,
        object: 'email_address',
        email_address: email,
        reserved: false,
        verification: { status: 'verified', strategy: 'email_code', attempts: null, expire_at: null },
        linked_to: [],
        created_at: CREATED_AT,
        updated_at: CREATED_AT,
      },
    ],
    phone_numbers: [],
    web3_wallets: [],
    external_accounts: [],
    enterprise_accounts: [],
    passkeys: [],
    public_metadata: {},
    private_metadata: {},
    unsafe_metadata: {},
    external_id: null,
    last_sign_in_at: null,
    last_active_at: null,
    banned: false,
    locked: false,
    created_at: CREATED_AT,
    updated_at: CREATED_AT,
    delete_self_enabled: true,
    create_organization_enabled: true,
  };
}

const CREATED_AT = Date.UTC(2026, 0, 1);
